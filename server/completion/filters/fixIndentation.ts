/**
 * Brings blanks in line with the document: tabs or spaces as it has them, and no indentation that is there already.
 * Where blanks are more than looks, what the model wrote stays.
 */

import { chooseShape, indentOf } from '../chooseShape.ts';
import { indentUnitOf } from '../readContext.ts';
import { scanCode, textAt } from '../scanCode.ts';
import { withText } from './filter.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';

export const fixIndentation: Filter = (draft, given) => {
  if (given.language.blanks === 'exact') return draft;
  const [first = '', ...others] = draft.text.split('\n');
  const areContent = findContentLines(draft, given);
  const { linePrefix } = given.context;
  const lines = [
    areContent[0] === true && linePrefix.trim() === '' ? first : fixFirst(first, others.length > 0, given),
  ];
  for (const [i, line] of others.entries()) {
    const above = i === 0 ? linePrefix + lines[0] : (lines[i] ?? '');
    if (areContent[i + 1] === true) lines.push(line);
    else lines.push(line.trim() === '' ? '' : fixBlank(line, above, given));
  }
  return withText(draft, lines.join('\n'));
};

/** Lines that begin within a string: their blanks are part of it. A docstring is indented as code is. */
function findContentLines({ text }: Draft, { context, language }: FilterContext): boolean[] {
  const { prefix } = context;
  const scan = scanCode(prefix + text, language);
  let at = prefix.length - context.linePrefix.length;
  return text.split('\n').map((line, i) => {
    const isContent = language.family !== 'indentation' && textAt(scan, at)?.kind === 'string';
    at = i === 0 ? prefix.length + line.length + 1 : at + line.length + 1;
    return isContent;
  });
}

/** The cursor's own line: its indentation is there, up to one level that a block may still need. */
function fixFirst(first: string, hasMore: boolean, given: FilterContext): string {
  const { linePrefix } = given.context;
  const code = first.trimStart();
  if (code === '') return hasMore ? '' : first;
  if (linePrefix.trim() !== '') return /\s$/.test(linePrefix) ? code : first;
  if (given.language.blanks === 'recipes') {
    return linePrefix === '' ? fixBlank(first, lineAbove(given), given) : code;
  }
  const missing = wantedIndent(given) - indentOf(linePrefix);
  const blank = first.slice(0, first.length - code.length);
  const offered = indentOf(linePrefix + blank) - indentOf(linePrefix);
  if (missing <= 0 || offered <= 0) return code;
  return blankOf(Math.min(missing, offered), blank, given) + code;
}

/** Columns at which the cursor's line should start: a level below a header, else as the line above. */
function wantedIndent(given: FilterContext): number {
  const { context, language, languageId } = given;
  const shape = chooseShape(context, languageId, 'block');
  const unit = indentOf(indentUnitOf(context, language));
  if (shape.kind === 'block') return shape.headerIndent + unit;
  const above = lineAbove(given);
  const isLabel = language.family === 'braces' && /^\s*(case\b.*|default\s*):\s*$/.test(above);
  return indentOf(above) + (isLabel ? unit : 0);
}

/** The last line with text above the cursor's. */
function lineAbove({ context: { prefix, linePrefix } }: FilterContext): string {
  const above = prefix.slice(0, prefix.length - linePrefix.length).trimEnd();
  return above.slice(above.lastIndexOf('\n') + 1);
}

function fixBlank(line: string, above: string, given: FilterContext): string {
  const [blank = ''] = /^[\t ]*/.exec(line) ?? [];
  const code = line.slice(blank.length);
  if (given.language.blanks === 'recipes') {
    return blank.startsWith(' ') && mayBeRecipe(above) ? `\t${code}` : line;
  }
  return blankOf(indentOf(blank), blank, given) + code;
}

/** Below the head of a rule, or a line of its recipe, make takes a line as a command if it begins with a tab. */
function mayBeRecipe(above: string): boolean {
  return above.startsWith('\t') || /^[^\s#=:][^=:]*::?(?!=)/.test(above);
}

/** So many columns in the document's way; as the model wrote them where nothing shows it, or the language has its own. */
function blankOf(columns: number, written: string, { context, language }: FilterContext): string {
  const isRuled = language.blanks === 'tabs';
  const unit = context.indentUnit ?? (isRuled ? '\t' : undefined);
  if (unit === undefined || (isRuled && unit !== '\t')) return cutTo(written, columns);
  if (unit !== '\t') return ' '.repeat(columns);
  if (/^\t* ?$/.test(written) && indentOf(written) === columns) return written;
  // One column more than whole levels lines up the stars of a comment.
  return '\t'.repeat(Math.round(columns / 4)) + (columns % 4 === 1 ? ' ' : '');
}

function cutTo(blank: string, columns: number): string {
  let end = blank.length;
  while (end > 0 && indentOf(blank.slice(0, end)) > columns) end--;
  return blank.slice(0, end);
}
