/** A merged copy: the adapter's product is in the weights, everything else is as it was, and what cannot be merged is refused. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mergeLora } from '../../../server/gguf/mergeLora.ts';
import type { QuantisableType } from '../../../server/gguf/quantise.ts';
import { readGgufHeader } from '../../../server/gguf/readHeader.ts';
import { readTensor } from '../../../server/gguf/readTensor.ts';
import { mergedWeights, otherWeights, writeTinyAdapter, writeTinyBase } from '../../support/tinyLora.ts';
import type { TinyAdapter } from '../../support/tinyLora.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-merge-'));
after(() => rmSync(folder, { recursive: true }));
const noWait = () => Promise.resolve();

async function checkMerged(type: QuantisableType, tolerance: number): Promise<void> {
  const pathOut = join(folder, `merged ${type}.gguf`);
  const basePath = await writeTinyBase(folder, type);
  const adapterPath = await writeTinyAdapter(folder, 'a.gguf');
  await mergeLora({ basePath, adapterPath, pathOut, beforeTensor: noWait });
  const [base, merged] = [await readGgufHeader(basePath), await readGgufHeader(pathOut)];
  assert.deepEqual([...merged.metadata], [...base.metadata]);
  const [first, second] = merged.tensors;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(first.type, type);
  const found = await readTensor(merged, first);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - (mergedWeights[i] ?? NaN))));
  assert.ok(worst <= tolerance, `${worst}`);
  assert.deepEqual(await readTensor(merged, second), otherWeights);
}

test('F32 weights get the product exactly', () => checkMerged('F32', 0));
test('F16 weights to half precision', () => checkMerged('F16', 0.001));
test('BF16 weights to its precision', () => checkMerged('BF16', 0.01));
test('Q8_0 weights to its steps, twice rounded', () => checkMerged('Q8_0', 0.02));

async function checkRefused(
  code: string,
  adapter: TinyAdapter,
  type: QuantisableType = 'F32',
): Promise<void> {
  const pathOut = join(folder, 'refused.gguf');
  const basePath = await writeTinyBase(folder, type);
  const adapterPath = await writeTinyAdapter(folder, 'refused adapter.gguf', adapter);
  await assert.rejects(mergeLora({ basePath, adapterPath, pathOut, beforeTensor: noWait }), { code });
  assert.equal(existsSync(pathOut), false);
}

test('an adapter of another width is refused', () => checkRefused('adapterBroken', { width: 16 }));
test('an adapter of other tensors is refused', () => checkRefused('adapterBroken', { baseTensor: 'blk.9' }));
test('a base model in four bits is refused', () => checkRefused('modelUnsupported', {}, 'Q4_0'));
test('a base model as an adapter is refused', async () => {
  const path = await writeTinyBase(folder);
  const options = { basePath: path, adapterPath: path, pathOut: join(folder, 'two.gguf') };
  await assert.rejects(mergeLora({ ...options, beforeTensor: noWait }), { code: 'adapterBroken' });
});

test('who is waited for can end it, and nothing is written', async () => {
  const pathOut = join(folder, 'ended.gguf');
  const ended = new Error('ended');
  const basePath = await writeTinyBase(folder);
  const adapterPath = await writeTinyAdapter(folder, 'b.gguf');
  const beforeTensor = () => Promise.reject(ended);
  await assert.rejects(mergeLora({ basePath, adapterPath, pathOut, beforeTensor }), ended);
  assert.equal(existsSync(pathOut), false);
});
