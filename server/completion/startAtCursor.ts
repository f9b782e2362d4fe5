/** Turns what the model wrote after the prompt into what follows the cursor: held-back and extra white space go. */

import { indentOf } from './chooseShape.ts';
import type { PromptContext } from './readContext.ts';

/**
 * @param heldBack the end of the prefix that the prompt left for the model to write (Prompt.heldBack).
 * @returns the text at the cursor, empty while that can't be told yet, or undefined when the model wrote on the line
 * above the cursor instead.
 */
export function startAtCursor(raw: string, heldBack: string, context: PromptContext): string | undefined {
  if (raw === '') return '';
  if (!raw.startsWith(heldBack)) {
    // Above a blank line the missing line break is only one blank line less; else the text belongs to the line above.
    if (heldBack === '\n' && !context.prefix.endsWith('\n\n')) return undefined;
    return raw;
  }
  const text = raw.slice(heldBack.length);
  return context.linePrefix.trim() === '' ? skipBlankLines(text, indentOf(context.linePrefix)) : text;
}

/** On an empty line the model may want one or two more; what comes after them is wanted here if it is no outdent. */
function skipBlankLines(text: string, columns: number): string {
  const found = /^\n{1,2}([\t ]*)(\S?)/.exec(text);
  if (found === null) return text;
  const [all, indent = '', code = ''] = found;
  if (code === '') return all.length === text.length ? '' : text;
  return indentOf(indent) >= columns ? indent + text.slice(all.length - 1) : text;
}
