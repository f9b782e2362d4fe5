/** What frozen layers made of a sequence is found again in any micro-batch of the same length. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrozenCache } from '../../../../server/training/lora/frozenCache.ts';
import { toMicroBatches } from '../../../../server/training/lora/microBatches.ts';
import type { MicroBatch } from '../../../../server/training/lora/microBatches.ts';

function batchOf(...sequences: readonly (readonly number[])[]): MicroBatch {
  const examples = sequences.map((tokens) => ({ tokens: [...tokens, 9], lossWeights: [] }));
  const [batch] = toMicroBatches(examples, { bucketTokens: 4, maxTokens: 64 });
  assert(batch !== undefined);
  return batch;
}

/** Values that tell of which token they are. */
const valuesOf = (batch: MicroBatch) => Float32Array.from(batch.inputs).map((token) => token * 10);
/** Two values a token. */
const wide = (batch: MicroBatch) =>
  Float32Array.from([...valuesOf(batch)].flatMap((value) => [value, value]));

function check(
  what: string,
  { added, asked, maxBytes = 1000 }: { added: readonly MicroBatch[]; asked: MicroBatch; maxBytes?: number },
  isKnown: boolean,
): void {
  test(what, () => {
    const cache = new FrozenCache(maxBytes);
    for (const batch of added) cache.add(batch, wide(batch));
    assert.deepEqual(cache.get(asked), isKnown ? wide(asked) : undefined);
  });
}

const [one, two] = [
  [1, 2, 3],
  [4, 5],
];
check('the same micro-batch', { added: [batchOf(one, two)], asked: batchOf(one, two) }, true);
check('its sequences in another order', { added: [batchOf(one, two)], asked: batchOf(two, one) }, true);
check('from several micro-batches', { added: [batchOf(one), batchOf(two)], asked: batchOf(one, two) }, true);
check('a sequence that is not known', { added: [batchOf(one)], asked: batchOf(one, two) }, false);
check('another length', { added: [batchOf(one)], asked: batchOf([...one, 0, 0, 0]) }, false);
check('beyond its size', { added: [batchOf(one), batchOf(two)], asked: batchOf(two), maxBytes: 40 }, false);
check('up to its size', { added: [batchOf(one), batchOf(two)], asked: batchOf(one), maxBytes: 40 }, true);
