/** Narrows a place to the lines that match the query best and what follows them, so that more places fit into a prompt. */

import type { LineRange } from './chunk.ts';
import { termsOf } from './codeTerms.ts';

/** Matching lines count in full in this first part of the window: what is wanted is what was written after them. */
const leadShare = 0.3;
const restWeight = 0.3;

/**
 * The `nLines` lines of `range` whose terms are worth most; the range itself if it has no more.
 * @param values worth of each term of the query.
 */
export function focusRange(
  lines: readonly string[],
  range: LineRange,
  values: ReadonlyMap<string, number>,
  nLines: number,
): LineRange {
  const nAll = range.endLine - range.startLine + 1;
  if (nAll <= nLines) return range;
  const worths = lines.slice(range.startLine - 1, range.endLine).map((line) => worthOf(line, values));
  const nLead = Math.ceil(nLines * leadShare);
  let best = 0;
  let bestWorth = -1;
  for (let start = 0; start + nLines <= nAll; start++) {
    const worth =
      sum(worths.slice(start, start + nLead)) + restWeight * sum(worths.slice(start + nLead, start + nLines));
    if (worth <= bestWorth) continue;
    best = start;
    bestWorth = worth;
  }
  const startLine = range.startLine + best;
  return { startLine, endLine: startLine + nLines - 1 };
}

function worthOf(line: string, values: ReadonlyMap<string, number>): number {
  let worth = 0;
  for (const term of termsOf(line)) worth += values.get(term) ?? 0;
  return worth;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
