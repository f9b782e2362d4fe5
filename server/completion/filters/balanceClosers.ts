/** Cuts a suggestion before a closing bracket that nothing before the cursor opened, or that is closed below already. */

import type { Language } from '../../prompt/language.ts';
import { pairBrackets, scanBrackets } from '../scanBrackets.ts';
import { scanCode } from '../scanCode.ts';
import { withText } from './filter.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';

/** How far around the cursor brackets are counted. */
const scanChars = 6000;

export const balanceClosers: Filter = (draft, given) => {
  const { context, language } = given;
  // With all that stands before it, which tells comments, strings and patterns that began there.
  const { brackets } = scanCode(context.prefix + draft.text, language);
  const { unmatched } = pairBrackets(brackets.filter(({ at }) => at >= context.prefix.length));
  const firstExcess = unmatched[countClosable(draft, given)];
  if (firstExcess === undefined) return draft;
  return withText(draft, draft.text.slice(0, firstExcess.at - context.prefix.length).trimEnd());
};

/** Brackets open at the cursor that are not closed after it. What the cursor's own line opens counts for certain. */
function countClosable(draft: Draft, { context, language }: FilterContext): number {
  const { linePrefix, lineSuffix, prefix, suffix } = context;
  const lineAfter = lineSuffix.slice(draft.replaceLength);
  const onLine =
    scanBrackets(linePrefix, language).open.length - scanBrackets(lineAfter, language).unmatched.length;
  const after = suffix.slice(draft.replaceLength, scanChars);
  return Math.max(0, onLine, countOpen(prefix, after, language));
}

function countOpen(before: string, after: string, language: Language): number {
  const { brackets } = scanCode(before + after, language);
  const near = brackets.filter(({ at }) => at >= before.length - scanChars);
  const open = pairBrackets(near.filter(({ at }) => at < before.length)).open.length;
  return open - pairBrackets(near.filter(({ at }) => at >= before.length)).unmatched.length;
}
