/** Drops what only repeats: the lines above the cursor, lines of the suggestion itself, or a loop within a line. */

import { withText } from './filter.ts';
import type { Filter, FilterContext } from './filter.ts';

/** Shorter lines (`}`, `break;`) come again in honest code. */
const minLineLength = 8;

export const dropRepeatedLines: Filter = (draft, given) => {
  if (rewritesLineAbove(draft.text, given)) return withText(draft, '');
  const text = cutRepeatedLines(draft.text, given);
  return withText(draft, given.isCutByLength ? cutInlineLoop(text) : text);
};

function rewritesLineAbove(text: string, { context }: FilterContext): boolean {
  const [first = ''] = text.trimStart().split('\n');
  const line = (context.linePrefix + first).trim();
  const above = context.prefix.slice(0, context.prefix.length - context.linePrefix.length).trimEnd();
  const lineAbove = above.slice(above.lastIndexOf('\n') + 1).trim();
  return line.length >= minLineLength && line === lineAbove;
}

/** Ends before the first line that stood in the suggestion already. */
function cutRepeatedLines(text: string, { context }: FilterContext): string {
  const lines = text.split('\n');
  const seen = new Set<string>();
  for (const [i, each] of lines.entries()) {
    const line = (i === 0 ? context.linePrefix + each : each).trim();
    // Fences come in pairs, and one example after the other.
    if (line.length < minLineLength || !/\w{3}/.test(line) || line.includes('```')) continue;
    if (seen.has(line)) return lines.slice(0, i).join('\n').trimEnd();
    seen.add(line);
  }
  return text;
}

/** A run of this many characters that stands three times in an unfinished text is a loop. */
const loopChars = 8;
/** The tail in which loops are looked for. */
const maxTailChars = 400;

/** `a, a, a, a` or `X_OLD_X_NEW_X` at the end of a text that never ended by itself: keeps the lines before it. */
function cutInlineLoop(text: string): string {
  const tailStart = Math.max(0, text.length - maxTailChars);
  const tail = text.slice(tailStart);
  const loop = /([^\n]{2,40}?)\1{3,}[^\n]{0,40}$/.exec(tail);
  const ends = [loop?.index, findThirdTime(tail)].filter((at) => at !== undefined);
  if (ends.length === 0) return text;
  const lineStart = text.lastIndexOf('\n', tailStart + Math.min(...ends));
  return text.slice(0, Math.max(0, lineStart)).trimEnd();
}

/** Where a run of characters that stands three times in `text` begins for the first time. */
function findThirdTime(text: string): number | undefined {
  for (let at = 0; at + loopChars <= text.length; at++) {
    const run = text.slice(at, at + loopChars);
    if (/^\s+$/.test(run)) continue;
    const second = text.indexOf(run, at + 1);
    if (second !== -1 && text.includes(run, second + 1)) return at;
  }
  return undefined;
}
