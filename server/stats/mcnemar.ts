/** Whether two suggesters get the same cases right equally often: McNemar's exact test. Pure. */

/**
 * Two-sided p-value of the exact test: of the cases that only one of the two got right, each is as likely the one's as the
 * other's. Cases that both or neither got right say nothing. 1 when there are none.
 * Source: Q. McNemar, Psychometrika 12 (1947), in its exact binomial form: A. Agresti, Categorical Data Analysis, 3rd
 * edition (2013), section 11.1.
 * @throws RangeError unless both are whole numbers from 0.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond])
    if (!Number.isInteger(count) || count < 0) throw new RangeError('A count is a whole number from 0.');
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // log of n over i, times one half to the n, term by term; a sum of logarithms neither overflows nor vanishes early.
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let i = 1; i <= fewer; i++) {
    logTerm += Math.log((n - i + 1) / i);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
