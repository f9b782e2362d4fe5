/** How many times larger one mean is than another, and how sure that is where values come in groups that resemble each other. Pure. */

export interface Grouped {
  readonly value: number;
  /** Equal names belong together, as suggestions of one sitting do. */
  readonly group: string;
}

export interface Ratio {
  readonly mean: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of `after` divided by that of `before`, independent samples, values of 0 and more. The interval is symmetric in
 * the logarithm of the ratio, whose variance is the sum of both means' squared relative errors (the "delta method"), with
 * errors over whole groups and Student's t for the smaller number of groups less one.
 * Undefined where a mean is 0 or a side has fewer than two groups: then there is no ratio to speak of.
 * Sources: A. Deng, U. Knoblich and J. Lu, Applying the delta method in metric analytics, KDD 2018, sections 2.2 and 3.1;
 * the quantile of t by M. Abramowitz and I. Stegun, Handbook of mathematical functions (1964), 26.7.5.
 */
export function ratioOfMeans(before: readonly Grouped[], after: readonly Grouped[]): Ratio | undefined {
  const [a, b] = [meanOfGroups(before), meanOfGroups(after)];
  if (a === undefined || b === undefined || a.mean <= 0 || b.mean <= 0) return undefined;
  const error = Math.hypot(a.error / a.mean, b.error / b.mean);
  const width = error * quantileOfT(Math.min(a.nGroups, b.nGroups) - 1);
  const mean = b.mean / a.mean;
  return { mean, low: mean * Math.exp(-width), high: mean * Math.exp(width) };
}

interface GroupedMean {
  readonly mean: number;
  readonly error: number;
  readonly nGroups: number;
}

/** The standard error sums each group's distance to what its size would have at the mean, with the factor G / (G - 1). */
function meanOfGroups(values: readonly Grouped[]): GroupedMean | undefined {
  const groups = [...Map.groupBy(values, ({ group }) => group).values()];
  const nGroups = groups.length;
  if (nGroups < 2) return undefined;
  const sumOf = (group: readonly Grouped[]) => group.reduce((sum, { value }) => sum + value, 0);
  const mean = sumOf(values) / values.length;
  const squares = groups.reduce((sum, group) => sum + (sumOf(group) - mean * group.length) ** 2, 0);
  return { mean, error: Math.sqrt((squares * nGroups) / (nGroups - 1)) / values.length, nGroups };
}

/** 97.5 %, with this many degrees of freedom; within 0.1 % from 5 of them on, and too small below 3. */
function quantileOfT(degrees: number): number {
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}
