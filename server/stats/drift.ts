/** Whether a series that should keep its level has fallen: the Page-Hinkley test, in units of the series' own noise. Pure. */

import { meanOf } from './mean.ts';

export interface FallOptions {
  /** Falls up to this many standard deviations are put up with. Default 0.5. */
  readonly toleratedSds?: number;
  /** Alarm when the excess adds up to this many standard deviations. Default 8: of 100 even series of 90 values, at most 5 alarm. */
  readonly limitSds?: number;
  /** No alarm before there are so many values. Default 10. */
  readonly minValues?: number;
}

export interface Fall {
  /** Index of the first value of the lower level. */
  readonly at: number;
  /** Index of the value with which it became certain. */
  readonly noticedAt: number;
  readonly meanBefore: number;
  /** Of all values since. */
  readonly meanAfter: number;
}

/** Of a normal distribution: the median of the absolute difference of two values, in standard deviations. */
const medianDifferenceInSds = 0.6745 * Math.SQRT2;

/**
 * The first fall of `values`, oldest first, that chance does not explain; undefined when there is none. A rise is none.
 * Each value's distance below the running mean, less what is tolerated, is added up; a fall is where the sum has risen
 * by the limit since it was least. The noise is told from neighbours' differences, which a change of level hardly touches.
 * Sources: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954); D. V. Hinkley, Biometrika 58 (1971); in this
 * form with a running mean: J. Gama et al., A survey on concept drift adaptation, ACM Computing Surveys 46 (2014), 3.2.1.
 * ADWIN was tried first: of daily figures it needs some eighty to notice anything, as its bound holds for any distribution.
 * @throws RangeError when a value is not finite or an option makes no sense.
 */
export function findFall(values: readonly number[], options: FallOptions = {}): Fall | undefined {
  const { toleratedSds = 0.5, limitSds = 8, minValues = 10 } = options;
  if (!(toleratedSds >= 0) || !(limitSds > 0) || !(minValues >= 2))
    throw new RangeError('A fall needs a tolerance from 0, a limit above 0 and at least two values.');
  if (!values.every(Number.isFinite)) throw new RangeError('Each value must be a finite number.');
  const sd = noiseOf(values);
  let sum = 0;
  let excess = 0;
  let [least, leastAt] = [0, 0];
  for (const [i, value] of values.entries()) {
    sum += value;
    excess += sum / (i + 1) - value - toleratedSds * sd;
    if (excess <= least) [least, leastAt] = [excess, i + 1];
    if (i + 1 >= minValues && leastAt > 0 && excess - least > limitSds * sd)
      return {
        at: leastAt,
        noticedAt: i,
        meanBefore: meanOf(values.slice(0, leastAt)),
        meanAfter: meanOf(values.slice(leastAt)),
      };
  }
  return undefined;
}

/** Standard deviation of a value around its level; never quite 0, so that an even series has a scale. */
function noiseOf(values: readonly number[]): number {
  const differences = values.slice(1).map((value, i) => Math.abs(value - (values[i] ?? 0)));
  differences.sort((a, b) => a - b);
  const median = differences[Math.floor(differences.length / 2)] ?? 0;
  const size = meanOf(values.map(Math.abs));
  return Math.max(median / medianDifferenceInSds, 0.01 * size, Number.MIN_VALUE);
}
