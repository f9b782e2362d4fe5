/** How sure a mean difference of paired measurements is: a percentile bootstrap. Pure, given its random numbers. */

import type { Random } from '../base/random.ts';

export interface BootstrapOptions {
  readonly random: Random;
  /** Default 10,000. */
  readonly nResamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

export interface BootstrapInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const defaultResamples = 10_000;

/**
 * Interval for the mean of `differences`, one per case (candidate minus champion on the same case): resamples the cases
 * with replacement and takes the quantiles of the means, linearly interpolated. A single case gives an interval of no
 * width, which says nothing; ask for at least 20.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3, "The percentile interval".
 * @throws RangeError when there are no differences, one is not finite, or an option makes no sense.
 */
export function pairedBootstrap(
  differences: readonly number[],
  options: BootstrapOptions,
): BootstrapInterval {
  const { random, nResamples = defaultResamples, confidence = 0.95 } = options;
  if (differences.length === 0) throw new RangeError('A bootstrap needs at least one case.');
  if (!differences.every(Number.isFinite)) throw new RangeError('Each difference must be a finite number.');
  if (!Number.isInteger(nResamples) || nResamples < 1 || !(confidence > 0 && confidence < 1))
    throw new RangeError('A bootstrap needs at least one resample and a confidence between 0 and 1.');
  const values = Float64Array.from(differences);
  const n = values.length;
  const means = new Float64Array(nResamples);
  for (let i = 0; i < nResamples; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += values[random.int(n)] ?? 0;
    means[i] = sum / n;
  }
  means.sort();
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / n,
    low: quantile(means, (1 - confidence) / 2),
    high: quantile(means, (1 + confidence) / 2),
  };
}

/** `sorted` holds at least one number. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}
