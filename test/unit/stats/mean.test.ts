/** Means and their changes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOfMean, meanOf } from '../../../server/stats/mean.ts';

test('a mean of nothing is no number', () => {
  assert.equal(meanOf([1, 2, 6]), 3);
  assert(Number.isNaN(meanOf([])));
});

test('a change is after minus before, case by case', () =>
  assert.deepEqual(changeOfMean([1, 5], [3, 7]), {
    before: 3,
    after: 5,
    change: { mean: 2, low: 2, high: 2 },
  }));
test('the interval is the same each time', () =>
  assert.deepEqual(changeOfMean([0, 0, 0], [1, 5, 9]), changeOfMean([0, 0, 0], [1, 5, 9])));
test('without cases there is none', () => assert.equal(changeOfMean([], []), undefined));
test('each case has both', () => assert.throws(() => changeOfMean([1], []), RangeError));
