/** Drift: where a level fell, how soon that is noticed, and how rarely an alarm is false. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { findFall } from '../../../server/stats/drift.ts';

const random = seededRandom(9);
/** `n` values around `level`, as retained characters a shown suggestion might be on `n` days. */
const days = (level: number, n: number): number[] =>
  Array.from({ length: n }, () => Math.max(0, level + 6 * (random.next() - 0.5)));

/** @param expected where the fall began, give or take two values; undefined: none is found. */
function check(values: readonly number[], expected: number | undefined, noticedWithin = 10): void {
  const fall = findFall(values);
  if (expected === undefined) return assert.equal(fall, undefined);
  assert.ok(Math.abs((fall?.at ?? -100) - expected) <= 2, `found at ${fall?.at}`);
  assert.ok((fall?.noticedAt ?? Infinity) <= expected + noticedWithin, `noticed at ${fall?.noticedAt}`);
  assert.ok((fall?.meanAfter ?? 0) < (fall?.meanBefore ?? 0));
}

test('a fall by half is found where it was, within a week', () =>
  check([...days(12, 30), ...days(6, 14)], 30, 7));
test('a smaller fall takes longer', () => check([...days(12, 30), ...days(9, 30)], 30, 20));
test('a rise is none', () => check([...days(4, 20), ...days(12, 20)], undefined));
test('an even level is none', () => check(days(10, 60), undefined));
test('the same each day is none', () =>
  check(
    Array.from({ length: 50 }, () => 7),
    undefined,
  ));
test('one bad day is none', () => check([...days(10, 30), 3, ...days(10, 10)], undefined));
test('a few days are too few to tell', () => check([...days(12, 4), ...days(2, 4)], undefined));
test('nothing has no drift', () => check([], undefined));

test('the sum is that of the source', () => {
  // Noise 1 by the floor (1 % of the mean size 100); tolerance 0.5. After twenty times 100 a value of 90 adds
  // By hand, after twenty times 100 a value of 90: mean 99.52, noise by the floor of 1 % 0.995, tolerance half of it,
  // so it adds 9.03, above the limit of 7.96; a value of 92 adds 7.12.
  const level = Array.from({ length: 20 }, () => 100);
  assert.equal(findFall([...level, 92]), undefined);
  assert.equal(findFall([...level, 90])?.at, 20);
});

test('where nothing changes, at most 5 of 100 series of 90 days raise an alarm', () => {
  let nAlarms = 0;
  for (let i = 0; i < 300; i++) if (findFall(days(8, 90)) !== undefined) nAlarms++;
  assert.ok(nAlarms <= 15, `${nAlarms} alarms in 300`);
});
test('what makes no sense is refused', () => {
  assert.throws(() => findFall([NaN]), RangeError);
  assert.throws(() => findFall([1], { limitSds: 0 }), RangeError);
});
