/** A base model's header against itself: what no engine should be given, what is fine, and headers changed at random. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { checkModel } from '../../../server/gguf/checkModel.ts';
import type { GgufHeader, MetadataValue, TensorType } from '../../../server/gguf/format.ts';
import { readGgufHeader } from '../../../server/gguf/readHeader.ts';
import { tinySettings, tinyShapes, writeTinyModel } from '../../support/tinyModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-model-'));
after(() => rmSync(folder, { recursive: true }));
let tiny: GgufHeader;
before(async () => {
  await writeTinyModel(join(folder, 'tiny.gguf'));
  tiny = await readGgufHeader(join(folder, 'tiny.gguf'));
});

interface Change {
  readonly settings?: Readonly<Record<string, MetadataValue | undefined>>;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly types?: Readonly<Record<string, TensorType>>;
  /** Left out. */
  readonly without?: string;
}

/** @returns why it is refused; undefined: it is not. */
function judge({ settings = {}, shapes = {}, types = {}, without }: Change): string | undefined {
  const metadata = new Map([...tiny.metadata, ...Object.entries(settings)]);
  for (const [key, value] of metadata) if (value === undefined) metadata.delete(key);
  const tensors = tiny.tensors
    .filter(({ name }) => name !== without)
    .map((tensor) => ({
      ...tensor,
      shape: shapes[tensor.name] ?? tensor.shape,
      type: types[tensor.name] ?? tensor.type,
    }));
  try {
    checkModel({ ...tiny, metadata: metadata as GgufHeader['metadata'], tensors });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof IdiomError && error.code === 'modelBroken', String(error));
    assert.ok(error.remedy !== undefined);
    return error.message;
  }
}

function check(name: string, change: Change, expected: RegExp | undefined): void {
  test(name, () => {
    const why = judge(change);
    if (expected === undefined) assert.equal(why, undefined);
    else assert.match(why ?? 'accepted', expected);
  });
}

const count = (value: number): MetadataValue => ({ type: 'uint32', value });
const real = (value: number): MetadataValue => ({ type: 'float32', value });
const list = (elementType: 'string' | 'int32', value: (string | number)[]): MetadataValue => ({
  type: 'array',
  ...{ elementType, value },
});

check('a whole model', {}, undefined);
check('tied output', { without: 'output.weight' }, undefined);
for (const [key, value, expected] of [
  [
    'llama.feed_forward_length',
    count(1),
    /ffn_gate\.weight" has the shape 32 x 64, and its settings say 32 x 1/,
  ],
  ['llama.attention.layer_norm_rms_epsilon', real(1e30), /rms_epsilon" is 1e\+30, which is out of range/],
  ['llama.attention.layer_norm_rms_epsilon', real(NaN), /is NaN, which is out of range/],
  ['llama.attention.layer_norm_rms_epsilon', real(-1), /is -1, which is out of range/],
  ['llama.attention.layer_norm_rms_epsilon', real(1e-6), undefined],
  ['llama.rope.freq_base', real(0), /freq_base" is 0, which is out of range/],
  ['llama.rope.freq_base', real(1e6), undefined],
  ['llama.rope.scaling.factor', real(Infinity), /factor" is Infinity/],
  ['llama.rope.dimension_count', count(8), /dimension_count" is 8, and a key has 16 values/],
  ['llama.block_count', count(0), /block_count" is 0, which is out of range/],
  ['llama.block_count', count(2), /block_count" is 2, and it has tensors of 1 blocks/],
  ['llama.block_count', count(513), /block_count" is 513/],
  ['llama.context_length', count(0), /context_length" is 0/],
  ['llama.context_length', count(1_048_576), undefined],
  [
    'llama.embedding_length',
    count(64),
    /"token_embd\.weight" has the shape 32 x 36, and its settings say 64 x 36/,
  ],
  ['llama.embedding_length', { type: 'string', value: 'x' }, /embedding_length" is "x"/],
  ['llama.attention.head_count', count(0), /0 heads of queries/],
  ['llama.attention.head_count', count(3), /can't be split over 3 heads/],
  ['llama.attention.head_count', count(4), /dimension_count" is 16, and a key has 8 values/],
  ['llama.attention.head_count_kv', count(3), /2 heads of queries for 3 of keys/],
  ['llama.attention.head_count_kv', count(2), /attn_k\.weight" has the shape 32 x 16/],
  ['llama.attention.key_length', count(32), /is 16, and a key has 32 values/],
  [
    'llama.attention.value_length',
    count(8),
    /attn_v\.weight" has the shape 32 x 16, and its settings say 32 x 8/,
  ],
  ['llama.expert_used_count', count(2), /is 2, and it has 0 experts/],
  ['llama.expert_count', count(4), /is 0, and it has 4 experts/],
  ['llama.logit_scale', real(NaN), /logit_scale" is NaN/],
  ['llama.something_new', real(NaN), /something_new" is NaN/],
  ['llama.attention.head_count', list('int32', []), /has 0 entries/],
  ['tokenizer.ggml.tokens', list('string', ['a', 'b']), /its vocabulary 2|settings say 32 x 2/],
  ['tokenizer.ggml.tokens', list('string', []), /its vocabulary is empty/],
  ['tokenizer.ggml.tokens', list('int32', [1]), /tokens" is no list of type string/],
  ['tokenizer.ggml.token_type', list('int32', [1]), /token_type" has 1 entries, and its vocabulary 36/],
  ['tokenizer.ggml.token_type', list('string', ['a']), /is no list of type int32/],
  [
    'tokenizer.ggml.eos_token_id',
    count(36),
    /eos_token_id" is 36, which is out of range, as its vocabulary has 36/,
  ],
  ['tokenizer.ggml.eos_token_id', count(2 ** 32 - 1), undefined],
] as const) {
  const shown = Array.isArray(value.value) ? JSON.stringify(value.value) : String(value.value);
  check(`${key} = ${shown}`, { settings: { [key]: value } }, expected);
}
for (const name of Object.keys(tinyShapes).filter((each) => /norm|embd|attn_output/.test(each)))
  check(`without ${name}`, { without: name }, new RegExp(`lacks the tensor "${name}"`));
check('a weight of whole numbers', { types: { 'blk.0.attn_q.weight': 'I32' } }, /is of type I32/);
check(
  'a norm of blocks',
  { types: { 'output_norm.weight': 'Q8_0' } },
  /output_norm\.weight" is of type Q8_0/,
);

test('a header that was changed at random is accepted or refused in words, and never when a size was changed', () => {
  const hostile = [0, 1, 3, 7, 33, 255, 65_535, 2 ** 31, 2 ** 32 - 1, -1, NaN, Infinity, 1e30, 0.5];
  const sized = /block_count|embedding_length|feed_forward|head_count$|dimension_count|token_type|tokens$/;
  const keys = Object.keys(tinySettings).filter((key) => key !== 'general.architecture');
  const names = Object.keys(tinyShapes);
  let nRefused = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const random = seededRandom(seed);
    const value = hostile[random.int(hostile.length)] ?? 0;
    const key = keys[random.int(keys.length)] ?? '';
    const name = names[random.int(names.length)] ?? '';
    if (random.int(2) === 0) {
      const why = judge({ settings: { [key]: random.int(2) === 0 ? count(value) : real(value) } });
      if (why !== undefined) nRefused++;
      const isAsBefore = value === tinySettings[key]?.value;
      if (sized.test(key) && !isAsBefore) assert.ok(why?.includes('is broken'), `${seed}: ${key} = ${value}`);
    } else {
      const shape = (tinyShapes[name] ?? []).map((size) =>
        random.int(2) === 0 ? size : Math.abs(value) || 1,
      );
      const why = judge({ shapes: { [name]: shape } });
      const isAsBefore = shape.join() === tinyShapes[name]?.join();
      assert.equal(why === undefined, isAsBefore, `${seed}: ${name} of ${shape.join(' x ')}`);
    }
  }
  assert.ok(nRefused > 300);
});
