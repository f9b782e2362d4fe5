/** Cuts a suggestion to its shape: one line, or one block; and a block that was cut by length to its whole lines. */

import { findEnd } from '../findEnd.ts';
import { scanBrackets } from '../scanBrackets.ts';
import { withText } from './filter.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';

export const limitToShape: Filter = (draft, given) => {
  const limited = limit(draft, given);
  if (given.maxLines === 0) return limited;
  const lines = limited.text.split('\n').slice(0, given.maxLines);
  return withText(limited, trimEndOf(lines.join('\n'), given));
};

function limit(draft: Draft, given: FilterContext): Draft {
  const { context, shape, languageId } = given;
  const end = findEnd(draft.text, shape, { languageId, linePrefix: context.linePrefix }, true);
  if (end !== undefined) return withText(draft, trimEndOf(draft.text.slice(0, end), given));
  if (shape.kind === 'line' || !given.isCutByLength) return withText(draft, trimEndOf(draft.text, given));
  return withText(draft, keepWholeLines(draft.text, given));
}

/** Blanks at the end of a line are a column of a table. */
function trimEndOf(text: string, { language }: FilterContext): string {
  return language.blanks === 'exact' ? text : text.trimEnd();
}

/** Drops the broken last line, and what before it opens something that is not closed. */
function keepWholeLines(text: string, { language }: FilterContext): string {
  const lines = text.split('\n').slice(0, -1);
  while (lines.length > 1) {
    const kept = lines.join('\n');
    const { open } = scanBrackets(kept, language);
    const last = (lines.at(-1) ?? '').trim();
    if (open.length === 0 && !/[:,(=]$|\b(do|then|else)$/.test(last) && last !== '') return kept;
    lines.pop();
  }
  return lines.join('\n').trimEnd();
}
