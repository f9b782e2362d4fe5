/** A merged copy: the adapter's product is in the weights, everything else is as it was, and what cannot be merged is refused. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mergeLora } from '../../../server/gguf/mergeLora.ts';
import { quantise } from '../../../server/gguf/quantise.ts';
import type { QuantisableType } from '../../../server/gguf/quantise.ts';
import { readGgufHeader } from '../../../server/gguf/readHeader.ts';
import { readTensor } from '../../../server/gguf/readTensor.ts';
import { writeGguf } from '../../../server/gguf/writeGguf.ts';
import { writeLoraGguf } from '../../../server/gguf/writeLora.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-merge-'));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

const nInputs = 32;
const adapted = Float32Array.from({ length: 2 * nInputs }, (_, i) => (i - 30) / 64);
const other = Float32Array.from({ length: nInputs }, (_, i) => i);
/** r 1 and alpha 2: row 0 gets 2 x 0.5 x A, row 1 gets 2 x -1 x A. */
const loraA = Float32Array.from({ length: nInputs }, (_, i) => (i % 4) / 8);
const loraB = Float32Array.of(0.5, -1);
const expected = adapted.map((value, i) => value + (i < nInputs ? 1 : -2) * (loraA[i % nInputs] ?? 0));

async function writeBase(type: QuantisableType): Promise<string> {
  const path = inFolder(`base ${type}.gguf`);
  await writeGguf(path, {
    metadata: new Map([['general.architecture', { type: 'string', value: 'llama' }]]),
    tensors: [
      { name: 'blk.0.attn_q.weight', shape: [nInputs, 2], type, bytes: () => quantise(type, adapted) },
      { name: 'other', shape: [nInputs], type: 'F32', bytes: () => quantise('F32', other) },
    ],
  });
  return path;
}

async function writeAdapter(
  name: string,
  width = nInputs,
  baseTensor = 'blk.0.attn_q.weight',
): Promise<string> {
  const path = inFolder(name);
  const pair = { baseTensor, nInputs: width, nOutputs: 2, r: 1, loraA: loraA.slice(0, width), loraB };
  await writeLoraGguf(path, { architecture: 'llama', alpha: 2, type: 'F32', pairs: [pair] });
  return path;
}

const noWait = () => Promise.resolve();

async function checkMerged(type: QuantisableType, tolerance: number): Promise<void> {
  const pathOut = inFolder(`merged ${type}.gguf`);
  const basePath = await writeBase(type);
  await mergeLora({ basePath, adapterPath: await writeAdapter('a.gguf'), pathOut, beforeTensor: noWait });
  const [base, merged] = [await readGgufHeader(basePath), await readGgufHeader(pathOut)];
  assert.deepEqual([...merged.metadata], [...base.metadata]);
  const [first, second] = merged.tensors;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(first.type, type);
  const found = await readTensor(merged, first);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - (expected[i] ?? NaN))));
  assert.ok(worst <= tolerance, `${worst}`);
  assert.deepEqual(await readTensor(merged, second), other);
}

test('F32 weights get the product exactly', () => checkMerged('F32', 0));
test('F16 weights to half precision', () => checkMerged('F16', 0.001));
test('BF16 weights to its precision', () => checkMerged('BF16', 0.01));
test('Q8_0 weights to its steps, twice rounded', () => checkMerged('Q8_0', 0.02));

async function checkRefused(basePath: string, adapterPath: string, code: string): Promise<void> {
  const pathOut = inFolder('refused.gguf');
  await assert.rejects(mergeLora({ basePath, adapterPath, pathOut, beforeTensor: noWait }), { code });
  assert.equal(existsSync(pathOut), false);
}

test('an adapter of another width', async () =>
  checkRefused(await writeBase('F32'), await writeAdapter('narrow.gguf', 16), 'adapterBroken'));
test('an adapter of other tensors', async () =>
  checkRefused(
    await writeBase('F32'),
    await writeAdapter('elsewhere.gguf', nInputs, 'blk.9'),
    'adapterBroken',
  ));
test('a base model in four bits', async () =>
  checkRefused(await writeBase('Q4_0'), await writeAdapter('four.gguf'), 'modelUnsupported'));
test('two base models', async () => {
  const path = await writeBase('F32');
  await checkRefused(path, path, 'adapterBroken');
});

test('who is waited for can end it, and nothing is written', async () => {
  const pathOut = inFolder('ended.gguf');
  const ended = new Error('ended');
  const options = { basePath: await writeBase('F32'), adapterPath: await writeAdapter('b.gguf'), pathOut };
  await assert.rejects(mergeLora({ ...options, beforeTensor: () => Promise.reject(ended) }), ended);
  assert.equal(existsSync(pathOut), false);
});
