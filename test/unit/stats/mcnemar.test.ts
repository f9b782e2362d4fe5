/** McNemar's exact test against values computed in exact fractions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mcnemarExact } from '../../../server/stats/mcnemar.ts';

// Python: from fractions import Fraction; from math import comb
// float(min(Fraction(1), Fraction(2 * sum(comb(b + c, i) for i in range(min(b, c) + 1)), 2 ** (b + c))))
// 150 and 86 are the approval ratings of Agresti's section 11.1, whose normal approximation gives 0.00003.
for (const [onlyFirst, onlySecond, p] of [
  [0, 0, 1],
  [5, 5, 1],
  [4, 0, 0.125],
  [5, 1, 0.21875],
  [6, 16, 0.052478790283203125],
  [25, 10, 0.01667384780012071],
  [150, 86, 3.715936139571442e-5],
  [500, 600, 0.0028195449914364275],
] as const) {
  test(`${onlyFirst} against ${onlySecond} has p ${p}`, () => {
    assert.ok(Math.abs(mcnemarExact(onlyFirst, onlySecond) / p - 1) < 1e-10);
    assert.equal(mcnemarExact(onlySecond, onlyFirst), mcnemarExact(onlyFirst, onlySecond));
  });
}

test('very many cases neither overflow nor give more than 1', () => {
  assert.equal(mcnemarExact(100_000, 100_000), 1);
  assert.ok(mcnemarExact(0, 2000) < 1e-300);
});
test('what is no count is refused', () => {
  for (const bad of [-1, 0.5, NaN]) assert.throws(() => mcnemarExact(bad, 1), RangeError);
});
