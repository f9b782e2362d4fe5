/** Written files: read back equal, whole or not at all; requantised copies keep what they should. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dequantise } from '../../../server/gguf/dequantise.ts';
import { quantise } from '../../../server/gguf/quantise.ts';
import { readGgufHeader } from '../../../server/gguf/readHeader.ts';
import { readTensor, readTensorBytes } from '../../../server/gguf/readTensor.ts';
import { requantise } from '../../../server/gguf/requantise.ts';
import { readSafetensors, writeSafetensors } from '../../../server/gguf/safetensors.ts';
import { writeGguf } from '../../../server/gguf/writeGguf.ts';
import { writeLoraGguf } from '../../../server/gguf/writeLora.ts';

const tinyPath = fileURLToPath(new URL('../../fixtures/gguf/tiny.gguf', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'idiom-gguf-'));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

test('a file that is read and written again has the same metadata and tensors', async () => {
  const header = await readGgufHeader(tinyPath);
  const path = inFolder('again.gguf');
  const tensors = header.tensors.map((tensor) => ({
    ...tensor,
    bytes: () => readTensorBytes(header, tensor),
  }));
  await writeGguf(path, { metadata: header.metadata, tensors });
  const again = await readGgufHeader(path);
  assert.deepEqual([...again.metadata], [...header.metadata]);
  for (const [i, tensor] of header.tensors.entries()) {
    const copy = again.tensors[i];
    assert.ok(copy !== undefined);
    assert.deepEqual({ ...copy, offsetBytes: 0 }, { ...tensor, offsetBytes: 0 });
    assert.deepEqual(await readTensorBytes(again, copy), await readTensorBytes(header, tensor));
  }
  assert.deepEqual(readFileSync(path), readFileSync(tinyPath));
});

test('written files are private', async () => {
  await writeGguf(inFolder('private.gguf'), { metadata: new Map(), tensors: [] });
  const { mode } = statSync(inFolder('private.gguf'));
  assert.equal(process.platform === 'win32' ? 0o600 : mode & 0o777, 0o600);
});

test('a tensor that does not fit leaves the old file and nothing else', async () => {
  const path = inFolder('kept.gguf');
  writeFileSync(path, 'old');
  const wrong = { name: 'w', shape: [32], type: 'Q4_0', bytes: () => new Uint8Array(17) } as const;
  await assert.rejects(writeGguf(path, { metadata: new Map(), tensors: [wrong] }), RangeError);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('requantising changes the tensors of one type and the file type, and copies the rest byte for byte', async () => {
  const path = inFolder('q4_0.gguf');
  const result = await requantise(tinyPath, path, { from: 'Q4_1', to: 'Q4_0' });
  assert.deepEqual(result, { nTensorsChanged: 1, nTensorsKept: 3 });
  const [before, after] = [await readGgufHeader(tinyPath), await readGgufHeader(path)];
  assert.deepEqual(after.metadata.get('general.file_type'), { type: 'uint32', value: 2 });
  const others = ([key]: [string, unknown]) => key !== 'general.file_type';
  assert.deepEqual([...after.metadata].filter(others), [...before.metadata].filter(others));
  for (const [i, tensor] of before.tensors.entries()) {
    const copy = after.tensors[i];
    assert.ok(copy !== undefined);
    const bytes = await readTensorBytes(before, tensor);
    const expected = tensor.type === 'Q4_1' ? quantise('Q4_0', dequantise('Q4_1', bytes)) : bytes;
    assert.deepEqual(await readTensorBytes(after, copy), expected);
  }
});

test('a model without weights of the type is refused, and nothing is written', async () => {
  const path = inFolder('none.gguf');
  await assert.rejects(requantise(tinyPath, path, { from: 'Q5_1', to: 'Q4_0' }), {
    code: 'modelUnsupported',
  });
  assert.equal(existsSync(path), false);
});

const pair = {
  baseTensor: 'blk.0.attn_q.weight',
  nInputs: 64,
  nOutputs: 32,
  r: 2,
  loraA: Float32Array.from({ length: 128 }, (_, i) => i / 64),
  loraB: Float32Array.from({ length: 64 }, (_, i) => -i / 64),
};

for (const type of ['F32', 'F16'] as const) {
  test(`an adapter in ${type} has the names, shapes and numbers that llama.cpp expects`, async () => {
    const path = inFolder(`${type}.gguf`);
    await writeLoraGguf(path, { architecture: 'llama', alpha: 16, type, pairs: [pair] });
    const header = await readGgufHeader(path, 'adapter');
    assert.deepEqual(Object.fromEntries([...header.metadata].map(([key, { value }]) => [key, value])), {
      'general.type': 'adapter',
      'general.architecture': 'llama',
      'adapter.type': 'lora',
      'adapter.lora.alpha': 16,
    });
    const [a, b] = header.tensors;
    assert.ok(a !== undefined && b !== undefined);
    assert.deepEqual([a.name, a.shape, a.type], ['blk.0.attn_q.weight.lora_a', [64, 2], type]);
    assert.deepEqual([b.name, b.shape, b.type], ['blk.0.attn_q.weight.lora_b', [2, 32], type]);
    assert.deepEqual(await readTensor(header, a), pair.loraA);
    assert.deepEqual(await readTensor(header, b), pair.loraB);
  });
}

test('an adapter without alpha, or with a matrix of another size, is not written', async () => {
  const lora = { architecture: 'llama', alpha: 16, type: 'F32', pairs: [pair] } as const;
  const path = inFolder('refused.gguf');
  await assert.rejects(writeLoraGguf(path, { ...lora, alpha: 0 }), RangeError);
  await assert.rejects(writeLoraGguf(path, { ...lora, pairs: [{ ...pair, r: 3 }] }), RangeError);
  assert.equal(existsSync(path), false);
});

test('safetensors are read back as written', async () => {
  const path = inFolder('a.safetensors');
  const content = {
    metadata: { format: 'pt' },
    tensors: new Map([
      ['lora_A', { type: 'F32', shape: [2, 3], bytes: new Uint8Array(24).fill(1) }],
      ['lora_B', { type: 'BF16', shape: [3, 2], bytes: new Uint8Array(12).fill(2) }],
    ] as const),
  };
  writeSafetensors(path, content);
  assert.deepEqual(await readSafetensors(path), content);
});

/** A safetensors file with this header and so many bytes of data; `why` is the reason in the message. */
async function checkBroken(header: unknown, nDataBytes: number, why: RegExp): Promise<void> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = inFolder('broken.safetensors');
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(nDataBytes)]));
  await assert.rejects(readSafetensors(path), { code: 'adapterBroken', message: why });
}

const entry = (from: number, to: number) => ({ dtype: 'F32', shape: [1], data_offsets: [from, to] });
const brokenHeaders: Record<string, [unknown, number, RegExp]> = {
  'no JSON': ['{', 0, /makes no sense/],
  'no object': ['[]', 0, /makes no sense/],
  'an unknown type': [{ w: { ...entry(0, 4), dtype: 'X9' } }, 4, /makes no sense/],
  'a negative size': [{ w: { ...entry(0, 4), shape: [-1] } }, 4, /makes no sense/],
  'an offset past the end': [{ w: entry(0, 4) }, 3, /not all there/],
  'a gap': [{ w: entry(4, 8) }, 8, /gaps/],
  'an overlap': [{ v: entry(0, 4), w: entry(0, 4) }, 4, /gaps/],
  'a size that is not the shape': [{ w: entry(0, 8) }, 8, /gaps/],
  'bytes that nobody owns': [{ w: entry(0, 4) }, 8, /not all there/],
};
for (const [name, [header, nDataBytes, why]] of Object.entries(brokenHeaders))
  test(`safetensors with ${name} are refused`, () => checkBroken(header, nDataBytes, why));

test('safetensors that end in their header are refused', async () => {
  const path = inFolder('short.safetensors');
  for (const nBytes of [0, 7, 8]) {
    writeFileSync(path, Buffer.alloc(nBytes, 0x7f));
    await assert.rejects(readSafetensors(path), { code: 'adapterBroken', message: /middle of its header/ });
  }
  await assert.rejects(readSafetensors(inFolder('nowhere.safetensors')), { code: 'adapterBroken' });
});
