/** Headers of GGUF files: what is read from a good one, and what is said about each kind of broken one. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IdiomError } from '../../../server/base/errors.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { describeModel } from '../../../server/gguf/describeModel.ts';
import { readGgufHeader } from '../../../server/gguf/readHeader.ts';
import { encodeMetadata } from '../../../server/gguf/writeGguf.ts';

const tinyPath = fileURLToPath(new URL('../../fixtures/gguf/tiny.gguf', import.meta.url));
const tiny = readFileSync(tinyPath);
const folder = mkdtempSync(join(tmpdir(), 'idiom-gguf-'));
after(() => rmSync(folder, { recursive: true }));

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const uint64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};
const text = (value: string) => Buffer.concat([uint64(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);

interface Fixture {
  readonly magic?: string;
  readonly version?: number;
  readonly nTensors?: bigint;
  readonly nMetadata?: bigint;
  /** Encoded metadata records. */
  readonly metadata?: readonly Uint8Array[];
  /** Encoded tensor records. */
  readonly tensors?: readonly Uint8Array[];
  readonly nDataBytes?: number;
}

/** The bytes of a file made of these parts; counts are right unless they are given. */
function build(fixture: Fixture): Buffer {
  const { metadata = [], tensors = [] } = fixture;
  const head = Buffer.concat([
    Buffer.from(fixture.magic ?? 'GGUF'),
    uint32(fixture.version ?? 3),
    uint64(fixture.nTensors ?? BigInt(tensors.length)),
    uint64(fixture.nMetadata ?? BigInt(metadata.length)),
    ...metadata,
    ...tensors,
  ]);
  const nPadding = Math.ceil(head.length / 32) * 32 - head.length;
  return Buffer.concat([head, Buffer.alloc(nPadding + (fixture.nDataBytes ?? 0))]);
}

function tensor(name: string, shape: readonly bigint[], typeId: number, offset: bigint): Buffer {
  return Buffer.concat([
    text(name),
    uint32(shape.length),
    ...shape.map(uint64),
    uint32(typeId),
    uint64(offset),
  ]);
}

/** Reads the bytes as a file; `expected` is the code and the reason in the message, or undefined if it is good. */
async function check(bytes: Uint8Array, expected: { code: string; why: string } | undefined): Promise<void> {
  const path = join(folder, 'case.gguf');
  writeFileSync(path, bytes);
  if (expected === undefined) {
    await readGgufHeader(path);
    return;
  }
  await assert.rejects(readGgufHeader(path), (error) => {
    assert.ok(error instanceof IdiomError, String(error));
    assert.equal(error.code, expected.code);
    assert.ok(error.message.includes(expected.why), error.message);
    assert.ok(error.remedy !== undefined);
    return true;
  });
}

const broken = (why: string) => ({ code: 'modelBroken', why });
const unsupported = (why: string) => ({ code: 'modelUnsupported', why });
const huge = 2n ** 63n;

test('all metadata types of the reference writer are read', async () => {
  const { metadata } = await readGgufHeader(tinyPath);
  const values = Object.fromEntries([...metadata].map(([key, { value }]) => [key, value]));
  assert.deepEqual(Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith('test.'))), {
    'test.uint8': 200,
    'test.int8': -100,
    'test.uint16': 60000,
    'test.int16': -30000,
    'test.uint32': 4000000000,
    'test.int32': -2000000000,
    'test.float32': Math.fround(0.1),
    'test.uint64': 2n ** 63n + 1n,
    'test.int64': -(2 ** 40),
    'test.float64': 0.1,
    'test.bool': true,
  });
  assert.deepEqual(values['tokenizer.ggml.tokens'], ['a', 'b', '<|end|>', '\u00e9\u4e2d']);
  assert.deepEqual(values['tokenizer.ggml.scores'], [0.5, -1.5, 0, 2]);
});

test('tensors are found where the reference writer put them', async () => {
  const { tensors, alignment, version } = await readGgufHeader(tinyPath);
  assert.equal(alignment, 32);
  assert.equal(version, 3);
  assert.deepEqual(
    tensors.map(({ name, shape, type, sizeBytes }) => [name, shape.join('x'), type, sizeBytes]),
    [
      ['token_embd.weight', '64x4', 'Q8_0', 272],
      ['blk.0.attn_q.weight', '64x64', 'Q4_1', 2560],
      ['blk.0.attn_norm.weight', '64', 'F32', 256],
      ['blk.1.attn_q.weight', '64x64', 'F16', 8192],
    ],
  );
});

test('a model is described by its header', async () => {
  assert.deepEqual(describeModel(await readGgufHeader(tinyPath)), {
    architecture: 'llama',
    name: 'Tiny',
    contextTokens: 128,
    nLayers: 2,
    nEmbedding: 64,
    nHeads: 4,
    nKvHeads: 2,
    keyLength: 16,
    valueLength: 16,
    nVocabulary: 4,
    kvBytesPerToken: 2 * 2 * (16 + 16) * 2,
    weightBytes: 272 + 2560 + 256 + 8192,
  });
});

const entry = (key: string, value: string) => encodeMetadata(key, { type: 'string', value });

test('an adapter is no base model, and a model without sizes is broken', async () => {
  const path = join(folder, 'described.gguf');
  writeFileSync(path, build({ metadata: [entry('general.type', 'adapter')] }));
  const adapter = await readGgufHeader(path);
  assert.throws(() => describeModel(adapter), { code: 'modelUnsupported' });
  writeFileSync(path, build({ metadata: [entry('general.architecture', 'llama')] }));
  const empty = await readGgufHeader(path);
  assert.throws(() => describeModel(empty), { code: 'modelBroken', message: /llama.block_count/ });
});

test('a missing file is a missing model, or a broken adapter', async () => {
  await assert.rejects(readGgufHeader(join(folder, 'none.gguf')), { code: 'modelMissing' });
  await assert.rejects(readGgufHeader(join(folder, 'none.gguf'), 'adapter'), { code: 'adapterBroken' });
  await assert.rejects(readGgufHeader(folder), { code: 'modelBroken' });
});

const cases: Record<string, [Uint8Array, { code: string; why: string } | undefined]> = {
  'an empty header is good': [build({}), undefined],
  'a file of no bytes': [new Uint8Array(), broken('ends in the middle')],
  'another kind of file': [build({ magic: 'PK\x03\x04' }), broken('is no GGUF file')],
  'version 1': [build({ version: 1 }), unsupported('version 1')],
  'version 4': [build({ version: 4 }), unsupported('version 4')],
  'big-endian': [build({ version: 3 << 24 }), unsupported('big-endian')],
  'a lying tensor count': [build({ nTensors: huge }), broken('claims to have more than 2^53 tensors')],
  'more tensors than bytes': [build({ nTensors: 60_000n }), broken('claims to have 60000 tensors')],
  'a lying metadata count': [build({ nMetadata: huge }), broken('claims to have more than 2^53 settings')],
  'a lying key length': [
    build({ nMetadata: 1n, metadata: [uint64(2n ** 40n)] }),
    broken('a text of 1099511627776 bytes'),
  ],
  'a key past the end': [build({ nMetadata: 1n, metadata: [uint64(60_000n)] }), broken('ends in the middle')],
  'a lying list length': [
    build({ nMetadata: 1n, metadata: [text('k'), uint32(9), uint32(4), uint64(huge)] }),
    broken('claims to have more than 2^53 entries'),
  ],
  'a list longer than the file': [
    build({ nMetadata: 1n, metadata: [text('k'), uint32(9), uint32(4), uint64(1_000_000n)] }),
    broken('claims to have 1000000 entries'),
  ],
  'a list of lists': [
    build({ nMetadata: 1n, metadata: [text('k'), uint32(9), uint32(9), uint64(1n)] }),
    broken('list of lists'),
  ],
  'an unknown value type': [
    build({ nMetadata: 1n, metadata: [text('k'), uint32(13)] }),
    broken('unknown type 13'),
  ],
  'a setting named twice': [build({ metadata: [entry('k', 'a'), entry('k', 'b')] }), broken('twice')],
  'an alignment of 24': [
    build({ metadata: [encodeMetadata('general.alignment', { type: 'uint32', value: 24 })] }),
    broken('alignment'),
  ],
  'an alignment of 2^31': [
    build({ metadata: [encodeMetadata('general.alignment', { type: 'uint32', value: 2 ** 31 })] }),
    broken('alignment'),
  ],
  'a good tensor': [build({ tensors: [tensor('w', [32n], 2, 0n)], nDataBytes: 18 }), undefined],
  'a tensor type that nobody knows': [
    build({ tensors: [tensor('w', [32n], 99, 0n)], nDataBytes: 18 }),
    unsupported('type that is not known'),
  ],
  'five dimensions': [
    build({ tensors: [tensor('w', [1n, 1n, 1n, 1n, 1n], 0, 0n)], nDataBytes: 4 }),
    broken('5 dimensions'),
  ],
  'a row that is no whole block': [
    build({ tensors: [tensor('w', [33n], 2, 0n)], nDataBytes: 36 }),
    broken('no whole blocks of Q4_0'),
  ],
  'a tensor larger than any number': [
    build({ tensors: [tensor('w', [2n ** 32n, 2n ** 32n], 0, 0n)] }),
    broken('too large'),
  ],
  'a tensor that is cut short': [
    build({ tensors: [tensor('w', [32n], 2, 0n)], nDataBytes: 17 }),
    broken('cut short'),
  ],
  'a tensor between two places': [
    build({ tensors: [tensor('w', [32n], 2, 8n)], nDataBytes: 64 }),
    broken('impossible place'),
  ],
  'a tensor beyond any place': [
    build({ tensors: [tensor('w', [32n], 2, huge)], nDataBytes: 64 }),
    broken('impossible place'),
  ],
  'two tensors in one place': [
    build({ tensors: [tensor('v', [32n], 2, 0n), tensor('w', [32n], 2, 0n)], nDataBytes: 64 }),
    broken('overlaps'),
  ],
  'two tensors of one name': [
    build({ tensors: [tensor('w', [32n], 2, 0n), tensor('w', [32n], 2, 32n)], nDataBytes: 64 }),
    broken('twice'),
  ],
  'control characters in a name are not shown': [
    build({ tensors: [tensor('a\x1b[2J', [33n], 2, 0n)], nDataBytes: 64 }),
    broken('"a?[2J"'),
  ],
};
for (const [name, [bytes, expected]] of Object.entries(cases)) test(name, () => check(bytes, expected));

test('a file cut anywhere is refused with a sentence', async () => {
  for (let nBytes = 0; nBytes < tiny.length; nBytes += nBytes < 2000 ? 7 : 499)
    await check(tiny.subarray(0, nBytes), broken('is broken'));
});

test('damage anywhere is either harmless or refused with a sentence, without much memory', async () => {
  const random = seededRandom(7);
  const path = join(folder, 'damaged.gguf');
  const headerBytes = 1600;
  let nRefused = 0;
  for (let run = 0; run < 1500; run++) {
    const bytes = Buffer.from(tiny);
    for (let n = random.int(4); n >= 0; n--) bytes[random.int(headerBytes)] = random.int(256);
    writeFileSync(path, bytes);
    try {
      const header = await readGgufHeader(path);
      assert.ok(header.tensors.every((t) => t.offsetBytes + t.sizeBytes <= bytes.length));
    } catch (error) {
      assert.ok(error instanceof IdiomError, `run ${run}: ${String(error)}`);
      nRefused++;
    }
  }
  assert.ok(nRefused > 100, `only ${nRefused} of 1500 damaged files were refused`);
  assert.ok(process.memoryUsage().rss < 400 * 2 ** 20);
});
