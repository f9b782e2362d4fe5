/** Counts what was left out, by reason. */

export interface Tally {
  add(reason: string, count?: number): void;
  /** Reasons in alphabetical order. */
  counts(): Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const found = new Map<string, number>();
  return {
    add: (reason, count = 1) => {
      if (count > 0) found.set(reason, (found.get(reason) ?? 0) + count);
    },
    counts: () => Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
