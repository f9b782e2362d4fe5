/** Whether suggestions of the version in use are kept less than they were, or than those of the version before it. Pure. */

import { findFall } from '../stats/drift.ts';
import { describeFall } from './judgeCanary.ts';
import type { CanaryRules } from './judgeCanary.ts';

export interface RetainedFacts {
  /** Retained characters of each shown suggestion since the champion serves, oldest first. */
  readonly champion: readonly number[];
  /** Of the version before it, as long as that served; empty when there was none. */
  readonly previous: readonly number[];
}

/** Fewer suggestions say nothing of a version. */
const minSuggestions = 30;
/** Suggestions in one value of the series in which a fall is looked for: single ones are mostly 0. */
const blockSize = 20;

/** A sentence when the champion is measurably worse than the version before it, so that it is to be rolled back. */
export function describeLoss({ champion, previous }: RetainedFacts, rules: CanaryRules): string | undefined {
  return previous.length < minSuggestions ? undefined : describeFall(champion, previous, rules);
}

/** Whether fewer characters stay than stayed before, of the same version: the repository has moved on. */
export function hasDrifted({ champion }: RetainedFacts, { maxRetainedChars }: CanaryRules): boolean {
  const nBlocks = Math.floor(champion.length / blockSize);
  const means = Array.from({ length: nBlocks }, (_, i) => {
    const block = champion.slice(i * blockSize, (i + 1) * blockSize);
    return block.reduce((sum, chars) => sum + Math.min(chars, maxRetainedChars), 0) / blockSize;
  });
  return means.length >= 2 && findFall(means) !== undefined;
}
