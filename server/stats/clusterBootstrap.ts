/** How sure a mean difference is when cases come in groups that resemble each other, as those of one commit do. Pure. */

import type { BootstrapInterval, BootstrapOptions } from './pairedBootstrap.ts';

const defaultResamples = 4000;

/**
 * Interval for the mean of `differences`, one per case: whole groups are drawn with replacement, and each draw's distance
 * to the mean is taken in its own standard errors ("bootstrap-t"), which keeps what it promises with a dozen groups and
 * skewed values, where the plain percentile interval is too narrow (test/unit/stats/clusterBootstrap.test.ts has figures).
 * With one group nothing is known: the interval is unbounded.
 * Sources: A. C. Cameron, J. B. Gelbach and D. L. Miller, Bootstrap-based improvements for inference with clustered
 * errors, REStat 90 (2008), section III (pairs cluster bootstrap-t); the standard error of a mean over groups is their
 * equation 4 with the factor G / (G - 1).
 * @param groups as long as `differences`: equal names belong together.
 * @throws RangeError when there are no differences, one is not finite, or an option makes no sense.
 */
export function clusterBootstrap(
  differences: readonly number[],
  groups: readonly string[],
  options: BootstrapOptions,
): BootstrapInterval {
  const { random, nResamples = defaultResamples, confidence = 0.95 } = options;
  if (differences.length === 0 || groups.length !== differences.length)
    throw new RangeError('A bootstrap needs at least one case, and a group for each.');
  if (!differences.every(Number.isFinite)) throw new RangeError('Each difference must be a finite number.');
  if (!Number.isInteger(nResamples) || nResamples < 1 || !(confidence > 0 && confidence < 1))
    throw new RangeError('A bootstrap needs at least one resample and a confidence between 0 and 1.');
  const all = sumsOfGroups(differences, groups);
  const { mean, error } = meanOf(
    all,
    all.map((_, i) => i),
  );
  const nGroups = all.length;
  if (nGroups === 1) return { mean, low: -Infinity, high: Infinity };
  if (error === 0) return { mean, low: mean, high: mean };
  const distances = new Float64Array(nResamples);
  const draw = new Uint32Array(nGroups);
  for (let i = 0; i < nResamples; i++) {
    for (let j = 0; j < nGroups; j++) draw[j] = random.int(nGroups);
    const drawn = meanOf(all, draw);
    // A draw of one group alone has no spread to measure by; it says only on which side it lies.
    distances[i] =
      drawn.error > 0 ? (drawn.mean - mean) / drawn.error : Math.sign(drawn.mean - mean) * Infinity;
  }
  distances.sort();
  const at = (share: number) => distances[Math.round(share * (nResamples - 1))] ?? 0;
  return {
    mean,
    low: mean - at((1 + confidence) / 2) * error,
    high: mean - at((1 - confidence) / 2) * error,
  };
}

interface Group {
  readonly sum: number;
  readonly n: number;
}

function sumsOfGroups(differences: readonly number[], groups: readonly string[]): Group[] {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const [i, difference] of differences.entries()) {
    const name = groups[i] as string;
    const group = sums.get(name) ?? { sum: 0, n: 0 };
    sums.set(name, { sum: group.sum + difference, n: group.n + 1 });
  }
  return [...sums.values()];
}

/** Mean over the cases of the drawn groups, and its standard error from the groups' residual sums; 0 for one group. */
function meanOf(all: readonly Group[], draw: ArrayLike<number>): { mean: number; error: number } {
  let sum = 0;
  let n = 0;
  let [sumSquares, products, nSquares] = [0, 0, 0];
  for (let j = 0; j < draw.length; j++) {
    const group = all[draw[j] ?? 0] as Group;
    sum += group.sum;
    n += group.n;
    sumSquares += group.sum * group.sum;
    products += group.sum * group.n;
    nSquares += group.n * group.n;
  }
  const mean = sum / n;
  // Sum of (group.sum - group.n * mean)^2, multiplied out; what is left of rounding is nothing.
  const squares = sumSquares - 2 * mean * products + mean * mean * nSquares;
  const isSpread = squares > 1e-12 * sumSquares;
  const nGroups = draw.length;
  return { mean, error: isSpread ? Math.sqrt((squares * nGroups) / (nGroups - 1)) / n : 0 };
}
