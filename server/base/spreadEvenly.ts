/** Chooses some items of many at even distances, in their order. Pure. */

/** The first is among them; all of them when there are not more than `n`. */
export function spreadEvenly<T>(items: readonly T[], n: number): T[] {
  const distance = Math.max(1, items.length / Math.max(1, n));
  const chosen = items.filter((_, i) => Math.floor(i / distance) !== Math.floor((i - 1) / distance));
  return chosen.slice(0, n);
}
