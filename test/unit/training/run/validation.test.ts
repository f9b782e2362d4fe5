/** Held-out cases on the way: when they are looked at, at what cost, and which curve comes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginValidation,
  casesOnTheWay,
  endValidation,
  isLookDue,
} from '../../../../server/training/run/validation.ts';

const nll = (count: number, value: number) => Array.from({ length: count }, () => value);

/** Steps after which is looked, of so many. */
function lookedAt(nSteps: number): number[] {
  let validation = beginValidation(nll(60, 2), { tookMs: 1000, budgetMs: 900_000 });
  const looks: number[] = [];
  for (let step = 1; step <= nSteps; step++) {
    if (!isLookDue(validation, step, nSteps)) continue;
    looks.push(step);
    validation = [...validation, { step, nll: 1 }];
  }
  return looks;
}

for (const [nSteps, expected] of [
  [100, [25, 50, 75]],
  [3, [1, 2]],
  [1, []],
] as const) {
  test(`of ${nSteps} steps, looks after ${expected.join(', ')}`, () =>
    assert.deepEqual(lookedAt(nSteps), expected));
}

test('some cases stand for all', () => {
  assert.equal(casesOnTheWay(60).length, 16);
  assert.deepEqual(casesOnTheWay(3), [0, 1, 2]);
});
test('where looks would take too much of the budget there are none, and both ends remain', () => {
  const begun = beginValidation(nll(60, 2), { tookMs: 30_000, budgetMs: 60_000 });
  assert.deepEqual(begun, []);
  const before = { nllBefore: nll(60, 2), nllAfter: nll(60, 1) };
  assert.deepEqual(endValidation(begun, 9, before), [
    { step: 0, nll: 2 },
    { step: 9, nll: 1 },
  ]);
});
test('without a case there is no curve', () =>
  assert.deepEqual(endValidation([], 9, { nllBefore: [], nllAfter: [] }), []));
