/** Paired measurements and their medians. Knows nothing of what is measured. */

export interface Pair {
  readonly measured: number;
  readonly reference: number;
}

/** The value below which a share of the values lies, by linear interpolation; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of the pairs' ratios, so that a slow second hits both sides of a pair. */
export function medianRatio(pairs: readonly Pair[]): number {
  return median(pairs.map((pair) => pair.measured / pair.reference));
}

/** Milliseconds that `run` took. */
export async function timeMs(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}
