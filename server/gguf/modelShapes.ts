/** Which shapes a model's tensors must have, given its settings. */

import type { IdiomError } from '../base/errors.ts';
import type { GgufHeader } from './format.ts';
import { quoteName } from './quoteName.ts';

/**
 * Architectures whose blocks are attention that rotates whole heads, with Q, K and V apart, and one feed-forward network.
 * Source: `llama_model::load_tensors` in https://github.com/ggml-org/llama.cpp/blob/master/src/llama-model.cpp
 */
const plain: ReadonlySet<string> = new Set(['llama', 'qwen2', 'qwen3', 'gemma', 'gemma2', 'starcoder2']);

type Fail = (why: string) => IdiomError;

/** Sizes of one block. */
interface BlockSizes {
  readonly nEmbedding: number;
  readonly nFeedForward: number | undefined;
  readonly nQuery: number;
  readonly nKey: number;
  readonly nValue: number;
  readonly nAttended: number;
}

/** @throws what `fail` makes of a reason. A setting that is absent is not checked here. */
export function checkShapes(header: GgufHeader, architecture: string, fail: Fail): void {
  const shapes = new Map(header.tensors.map(({ name, shape }) => [name, shape]));
  const nEmbedding = numberAt(header, `${architecture}.embedding_length`, 0);
  const nLayers = numberAt(header, `${architecture}.block_count`, 0);
  if (nEmbedding === undefined || nLayers === undefined) return;
  const tokens = header.metadata.get('tokenizer.ggml.tokens')?.value;
  const nVocabulary = Array.isArray(tokens) ? tokens.length : undefined;
  const expect = (name: string, wanted: readonly (number | undefined)[], isNeeded = false): void => {
    const shape = shapes.get(name);
    if (shape === undefined) {
      if (isNeeded) throw fail(`it lacks the tensor ${quoteName(name)}`);
    } else if (wanted.some((size, i) => size !== undefined && size !== (shape[i] ?? 1)))
      throw fail(
        `its tensor ${quoteName(name)} has the shape ${shape.join(' x ')}, and its settings say ${wanted.map((size) => size ?? '?').join(' x ')}`,
      );
  };
  const isPlain = plain.has(architecture);
  expect('token_embd.weight', [nEmbedding, nVocabulary], isPlain);
  expect('output.weight', [nEmbedding, nVocabulary]);
  expect('output_norm.weight', [nEmbedding], isPlain);
  const nBlocks = 1 + Math.max(-1, ...[...shapes.keys()].map(blockOf));
  if (nBlocks > 0 && nBlocks < nLayers)
    throw fail(
      `its setting "${architecture}.block_count" is ${nLayers}, and it has tensors of ${nBlocks} blocks`,
    );
  if (!isPlain) return;
  for (let i = 0; i < nLayers; i++)
    checkBlock(i, sizesOf(header, { architecture, nEmbedding, block: i, fail }), expect);
}

function blockOf(name: string): number {
  const found = /^blk\.(\d{1,4})\./.exec(name);
  return found === null ? -1 : Number(found[1]);
}

function checkBlock(
  i: number,
  sizes: BlockSizes,
  expect: (name: string, shape: readonly (number | undefined)[], isNeeded?: boolean) => void,
): void {
  const { nEmbedding, nFeedForward, nQuery, nKey, nValue, nAttended } = sizes;
  const at = (name: string): string => `blk.${i}.${name}`;
  expect(at('attn_norm.weight'), [nEmbedding], true);
  expect(at('ffn_norm.weight'), [nEmbedding], true);
  expect(at('attn_q.weight'), [nEmbedding, nQuery]);
  expect(at('attn_k.weight'), [nEmbedding, nKey]);
  expect(at('attn_v.weight'), [nEmbedding, nValue]);
  expect(at('attn_output.weight'), [nAttended, nEmbedding], true);
  expect(at('attn_q.bias'), [nQuery]);
  expect(at('attn_k.bias'), [nKey]);
  expect(at('attn_v.bias'), [nValue]);
  expect(at('attn_output.bias'), [nEmbedding]);
  expect(at('ffn_gate.weight'), [nEmbedding, nFeedForward]);
  expect(at('ffn_up.weight'), [nEmbedding, nFeedForward]);
  expect(at('ffn_down.weight'), [nFeedForward, nEmbedding]);
  expect(at('ffn_gate_exps.weight'), [nEmbedding, nFeedForward]);
  expect(at('ffn_up_exps.weight'), [nEmbedding, nFeedForward]);
  expect(at('ffn_down_exps.weight'), [nFeedForward, nEmbedding]);
}

function sizesOf(
  header: GgufHeader,
  model: {
    readonly architecture: string;
    readonly nEmbedding: number;
    readonly block: number;
    readonly fail: Fail;
  },
): BlockSizes {
  const { architecture, nEmbedding, block, fail } = model;
  const read = (key: string): number | undefined => numberAt(header, `${architecture}.${key}`, block);
  const nHeads = read('attention.head_count') ?? 1;
  const nKvHeads = read('attention.head_count_kv') ?? nHeads;
  const stated = read('attention.key_length');
  if (nHeads < 1 || nKvHeads < 1 || nHeads % nKvHeads !== 0)
    throw fail(`it has ${nHeads} heads of queries for ${nKvHeads} of keys, which can't be shared out`);
  if (stated === undefined && nEmbedding % nHeads !== 0)
    throw fail(`its "${architecture}.embedding_length" of ${nEmbedding} can't be split over ${nHeads} heads`);
  const keyLength = stated ?? nEmbedding / nHeads;
  const valueLength = read('attention.value_length') ?? nEmbedding / nHeads;
  const nRotated = read('rope.dimension_count') ?? keyLength;
  if (nRotated % 2 !== 0 || nRotated !== keyLength)
    throw fail(
      `its setting "${architecture}.rope.dimension_count" is ${nRotated}, and a key has ${keyLength} values`,
    );
  return {
    ...{ nEmbedding, nFeedForward: read('feed_forward_length') },
    ...{ nQuery: nHeads * keyLength, nKey: nKvHeads * keyLength },
    ...{ nValue: nKvHeads * valueLength, nAttended: nHeads * valueLength },
  };
}

/** Of a list, the entry of this block. */
function numberAt(header: GgufHeader, key: string, block: number): number | undefined {
  const value = header.metadata.get(key)?.value;
  const own: unknown = Array.isArray(value) ? value[block] : value;
  return typeof own === 'number' ? own : undefined;
}
