/** Learning rates by step, lengths put together, masks drawn: the small parts of a step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropoutMask } from '../../../../server/training/lora/dropoutMask.ts';
import { learningRateAt } from '../../../../server/training/lora/learningRate.ts';
import { optimiserOptionsSchema } from '../../../../server/training/lora/loraOptions.ts';
import type { OptimiserOptions } from '../../../../server/training/lora/loraOptions.ts';
import { toMicroBatches } from '../../../../server/training/lora/microBatches.ts';

function checkRates(
  what: string,
  options: Partial<OptimiserOptions>,
  expected: Readonly<Record<number, number>>,
): void {
  test(what, () => {
    const full = optimiserOptionsSchema.parse({ learningRate: 1, totalSteps: 10, ...options });
    for (const [step, rate] of Object.entries(expected))
      assert(Math.abs(learningRateAt(Number(step), full) - rate) < 1e-9, `step ${step}`);
  });
}

checkRates('constant', {}, { 1: 1, 10: 1, 50: 1 });
checkRates('warm-up', { warmupSteps: 4 }, { 1: 0.25, 2: 0.5, 4: 1, 5: 1 });
checkRates('down a line', { schedule: 'linear' }, { 1: 0.9, 5: 0.5, 10: 0, 11: 0 });
checkRates(
  'down a line after warm-up',
  { schedule: 'linear', warmupSteps: 2 },
  { 1: 0.5, 2: 1, 6: 0.5, 10: 0 },
);
checkRates('down a cosine', { schedule: 'cosine' }, { 5: 0.5, 10: 0 });
checkRates('not to zero', { schedule: 'cosine', finalFraction: 0.2 }, { 5: 0.6, 10: 0.2, 99: 0.2 });

function checkBatches(
  what: string,
  lengths: readonly number[],
  expected: readonly { readonly nTokens: number; readonly exampleIdxs: readonly number[] }[],
): void {
  test(what, () => {
    const examples = lengths.map((length) => ({
      tokens: Array.from({ length }, (_, i) => i),
      lossWeights: Array.from({ length }, () => 1),
    }));
    const batches = toMicroBatches(examples, { bucketTokens: 8, maxTokens: 16 });
    assert.deepEqual(
      batches.map(({ nTokens, exampleIdxs }) => ({ nTokens, exampleIdxs })),
      expected,
    );
  });
}

checkBatches(
  'like lengths go together, the largest first',
  [5, 30, 7],
  [
    { nTokens: 32, exampleIdxs: [1] },
    { nTokens: 8, exampleIdxs: [0, 2] },
  ],
);
checkBatches(
  'as many as fit',
  [9, 9, 9],
  [
    { nTokens: 8, exampleIdxs: [0, 1] },
    { nTokens: 8, exampleIdxs: [2] },
  ],
);
checkBatches('nothing to predict', [0, 1], []);

test('only tokens with a weight are predicted, each from the one before it', () => {
  const [batch] = toMicroBatches(
    [
      { tokens: [5, 6, 7], lossWeights: [9, 0, 2] },
      { tokens: [8, 9], lossWeights: [0, 0.5] },
    ],
    { bucketTokens: 4, maxTokens: 8 },
  );
  assert.deepEqual([...(batch?.inputs ?? [])], [5, 6, 0, 0, 8, 0, 0, 0]);
  assert.deepEqual([...(batch?.rows ?? [])], [1, 4]);
  assert.deepEqual([...(batch?.targets ?? [])], [7n, 9n]);
  assert.deepEqual([...(batch?.weights ?? [])], [2, 0.5]);
});

test('a mask drops its share, keeps the mean, and is drawn again by the same seeds', () => {
  const mask = dropoutMask(40_000, 0.25, [1, 2]);
  const nDropped = mask.filter((value) => value === 0).length;
  assert(Math.abs(nDropped / mask.length - 0.25) < 0.01);
  assert(Math.abs(mask.reduce((sum, value) => sum + value, 0) / mask.length - 1) < 0.02);
  assert.deepEqual(dropoutMask(40_000, 0.25, [1, 2]), mask);
  assert.notDeepEqual(dropoutMask(40_000, 0.25, [2, 1]), mask);
});
