/** Cuts the end of a suggestion that already stands after the cursor, on its line or on the lines below. */

import { isClosersOnly } from '../chooseShape.ts';
import type { PromptContext } from '../readContext.ts';
import { scanBrackets } from '../scanBrackets.ts';
import { withText } from './filter.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';
import { isNear } from './isNear.ts';

export const trimSuffixOverlap: Filter = (draft, given) => {
  const onLine = trimOnLine(draft, given);
  return withText(onLine, trimBelow(onLine.text, given));
};

function trimOnLine(draft: Draft, given: FilterContext): Draft {
  const after = given.context.lineSuffix.trim();
  if (after === '') return draft;
  if (isClosersOnly(after)) return meetClosers(draft, after, given);
  const { text } = draft;
  const at = after.length >= 4 ? text.indexOf(after) : -1;
  // A blank before the code on the line is there too.
  const cut = (end: number): Draft =>
    withText(draft, /^\s/.test(given.context.lineSuffix) ? text.slice(0, end).trimEnd() : text.slice(0, end));
  if (at !== -1) return cut(at);
  if (text.endsWith(after)) return cut(-after.length);
  for (let n = Math.min(after.length, text.length); n >= 4; n--) {
    if (text.endsWith(after.slice(0, n))) return cut(-n);
  }
  return draft;
}

/**
 * Only closers follow, most often those the editor put in. A suggestion that ends with them stops before them; one that
 * goes on after them takes their place.
 */
function meetClosers(draft: Draft, after: string, { context, language }: FilterContext): Draft {
  const { text } = draft;
  const [quote] = /['"`]/.exec(after) ?? [];
  const first =
    quote !== undefined && after.startsWith(quote)
      ? text.indexOf(quote)
      : (scanBrackets(text, language).unmatched[0]?.at ?? endingSeparator(text, after));
  if (first === -1) return draft;
  const tail = text.slice(first);
  if (after.startsWith(tail.trim())) {
    const kept = text.slice(0, first);
    // A closing bracket on a line of its own keeps that line.
    return withText(draft, /\n[\t ]*$/.test(kept) ? kept : kept.trimEnd());
  }
  if (!isSubsequence(after, tail) || text.includes('\n')) return draft;
  return { text, replaceLength: context.lineSuffix.trimEnd().length };
}

/** `;` or `,` at the end of the text where the line already has it. */
function endingSeparator(text: string, after: string): number {
  const last = text.at(-1) ?? '';
  return /[;,]/.test(last) && after === last ? text.length - 1 : -1;
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of whole) if (char === part[at]) at++;
  return at === part.length;
}

/** Ends before the first line that is, or nearly is, the next line with code below the cursor. */
function trimBelow(text: string, { context }: FilterContext): string {
  const below = context.suffix
    .split('\n')
    .slice(1, 12)
    .find((line) => /\w/.test(line));
  if (below === undefined) return text;
  const lines = text.split('\n');
  for (const [i, each] of lines.entries()) {
    const line = i === 0 ? context.linePrefix + each : each;
    if (!/\w/.test(line) || !isNear(line.trim(), below.trim())) continue;
    if (i === 0 && mayComeAgain(line.trim(), context)) continue;
    return lines.slice(0, i).join('\n').trimEnd();
  }
  return text;
}

/** `@Override` above `@Override`: what was begun by hand, and stands in the document more than once, is no mistake. */
function mayComeAgain(line: string, { linePrefix, prefix, suffix }: PromptContext): boolean {
  if (linePrefix.trim() === '') return false;
  const places = `${prefix}\n${suffix}`.split('\n').filter((each) => each.trim() === line);
  return places.length > 1;
}
