/** Cuts a suggestion before a closing bracket that nothing before the cursor opened, or that is closed below already. */

import { scanBrackets } from '../scanBrackets.ts';
import { withText } from './filter.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';

/** How far around the cursor brackets are counted. */
const scanChars = 6000;

export const balanceClosers: Filter = (draft, given) => {
  const { unmatched } = scanBrackets(draft.text, given.language.lineComment);
  const firstExcess = unmatched[countClosable(draft, given)];
  return firstExcess === undefined ? draft : withText(draft, draft.text.slice(0, firstExcess.at).trimEnd());
};

/** Brackets open at the cursor that are not closed after it. What the cursor's own line opens counts for certain. */
function countClosable(draft: Draft, { context, language }: FilterContext): number {
  const count = (before: string, after: string): number =>
    scanBrackets(before, language.lineComment).open.length -
    scanBrackets(after, language.lineComment).unmatched.length;
  const lineAfter = context.lineSuffix.slice(draft.replaceLength);
  const suffix = context.suffix.slice(draft.replaceLength, scanChars);
  return Math.max(0, count(context.linePrefix, lineAfter), count(context.prefix.slice(-scanChars), suffix));
}
