/** Steps as lists of items: every item once an epoch, the same each time, as large as wanted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countSteps, drawSteps } from '../../../../server/training/run/drawSteps.ts';

function draw(lengths: readonly number[], tokensPerStep: number, nSteps: number, seed = 1): number[][] {
  const steps = drawSteps(lengths, { tokensPerStep, seed });
  return Array.from({ length: nSteps }, () => steps.next().value);
}

test('an epoch has every item once', () => {
  const lengths = [5, 1, 3, 4, 2, 2];
  const nSteps = countSteps(lengths, { tokensPerStep: 5, seed: 1 });
  const items = draw(lengths, 5, nSteps).flat();
  assert.deepEqual(items.sort(), [0, 1, 2, 3, 4, 5]);
});

test('a step has at least the tokens it should, but for the last of an epoch', () => {
  const lengths = [5, 1, 3, 4, 2, 2];
  const steps = draw(lengths, 5, countSteps(lengths, { tokensPerStep: 5, seed: 1 }));
  const sums = steps.map((step) => step.reduce((sum, item) => sum + (lengths[item] ?? 0), 0));
  assert.ok(
    sums.slice(0, -1).every((sum) => sum >= 5),
    String(sums),
  );
});

test('the next epoch has another order', () => {
  const lengths = Array.from({ length: 30 }, () => 1);
  const [first, second] = draw(lengths, 30, 2);
  assert.notDeepEqual(first, second);
  assert.deepEqual(first?.toSorted(), second?.toSorted());
});

test('the same seed draws the same, another seed another order', () => {
  const lengths = Array.from({ length: 30 }, () => 1);
  assert.deepEqual(draw(lengths, 7, 9), draw(lengths, 7, 9));
  assert.notDeepEqual(draw(lengths, 7, 9), draw(lengths, 7, 9, 2));
});

test('nothing to draw from', () => {
  assert.throws(() => drawSteps([], { tokensPerStep: 1, seed: 1 }).next(), RangeError);
});
