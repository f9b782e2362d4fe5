/** Reciprocal rank fusion (Cormack, Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet, SIGIR 2009). */

export interface Leg<Key> {
  readonly weight: number;
  /** Best first, each key once. */
  readonly ranked: readonly Key[];
}

/** Keys with their fused score = sum of weight / (rankOffset + rank), best first; rank counts from 1. */
export function fuse<Key>(legs: readonly Leg<Key>[], rankOffset: number): { key: Key; score: number }[] {
  const scores = new Map<Key, number>();
  for (const { weight, ranked } of legs) {
    if (weight === 0) continue;
    for (const [i, key] of ranked.entries()) {
      scores.set(key, (scores.get(key) ?? 0) + weight / (rankOffset + i + 1));
    }
  }
  return [...scores].map(([key, score]) => ({ key, score })).sort((a, b) => b.score - a.score);
}
