/** Brings blanks in line with the document: tabs or spaces as it has them, and no indentation that is there already. */

import { chooseShape, indentOf } from '../chooseShape.ts';
import { withText } from './filter.ts';
import type { Filter, FilterContext } from './filter.ts';

export const fixIndentation: Filter = (draft, given) => {
  const [first = '', ...others] = draft.text.split('\n');
  const lines = [fixFirst(first, others.length > 0, given), ...others.map((line) => convert(line, given))];
  return withText(draft, lines.map((line) => (line.trim() === '' ? '' : line)).join('\n'));
};

/** The cursor's own line: its indentation is there, up to one level that a block may still need. */
function fixFirst(first: string, hasMore: boolean, given: FilterContext): string {
  const { linePrefix, indentUnit } = given.context;
  const code = first.trimStart();
  if (code === '') return hasMore ? '' : first;
  if (linePrefix.trim() !== '') return /\s$/.test(linePrefix) ? code : first;
  const wanted = wantedIndent(given);
  const missing = wanted - indentOf(linePrefix);
  const offered = indentOf(linePrefix + first) - indentOf(linePrefix);
  if (missing <= 0 || offered <= 0) return code;
  return toUnit(Math.min(missing, offered), indentUnit) + code;
}

/** Columns at which the cursor's line should start: a level below a header, else as the line above. */
function wantedIndent({ context, languageId }: FilterContext): number {
  const shape = chooseShape(context, languageId, true);
  const unit = indentOf(context.indentUnit);
  if (shape.kind === 'block') return shape.headerIndent + unit;
  const above = context.prefix.slice(0, context.prefix.length - context.linePrefix.length).trimEnd();
  return indentOf(above.slice(above.lastIndexOf('\n') + 1));
}

function convert(line: string, { context }: FilterContext): string {
  const [blank = ''] = /^[\t ]*/.exec(line) ?? [];
  const usesTabs = context.indentUnit === '\t';
  if (usesTabs ? !blank.includes(' ') : !blank.includes('\t')) return line;
  return toUnit(indentOf(blank), context.indentUnit) + line.slice(blank.length);
}

function toUnit(columns: number, unit: string): string {
  return unit === '\t' ? '\t'.repeat(Math.round(columns / 4)) : ' '.repeat(columns);
}
