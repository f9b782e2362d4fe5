/** Whether two lines are the same or nearly so, by edit distance. */

/** Lines up to this length must be equal: `a1 = 1` and `a2 = 2` are near and yet different code. */
const maxExactLength = 24;
const maxRelativeDistance = 0.05;

export function isNear(a: string, b: string): boolean {
  if (a === b) return true;
  const longest = Math.max(a.length, b.length);
  const maxDistance = Math.floor(longest * maxRelativeDistance);
  if (longest <= maxExactLength || Math.abs(a.length - b.length) > maxDistance) return false;
  return editDistance(a, b, maxDistance) <= maxDistance;
}

/**
 * Levenshtein distance in UTF-16 code units, or `maxDistance` + 1 as soon as it is known to be more.
 * Levenshtein 1966; the two-row form of Wagner and Fischer 1974, https://doi.org/10.1145/321796.321811.
 */
export function editDistance(a: string, b: string, maxDistance: number): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    if (Math.min(...row) > maxDistance) return maxDistance + 1;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
