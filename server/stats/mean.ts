/** Means, and how the mean of the same things changed. */

import { seededRandom } from '../base/random.ts';
import { pairedBootstrap } from './pairedBootstrap.ts';
import type { BootstrapInterval } from './pairedBootstrap.ts';

/** NaN without values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface MeanChange {
  readonly before: number;
  readonly after: number;
  /** After minus before, with a 95 % paired bootstrap interval. */
  readonly change: BootstrapInterval;
}

/**
 * The same answer each time for the same values; undefined without any.
 * @param after of the same cases in the same order.
 * @throws RangeError when there are not as many, or one is not finite.
 */
export function changeOfMean(before: readonly number[], after: readonly number[]): MeanChange | undefined {
  if (before.length !== after.length) throw new RangeError('A change needs a value after for each before.');
  if (before.length === 0) return undefined;
  const differences = after.map((value, i) => value - (before[i] ?? 0));
  return {
    before: meanOf(before),
    after: meanOf(after),
    change: pairedBootstrap(differences, { random: seededRandom(1) }),
  };
}
