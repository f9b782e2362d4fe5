/** A whole llama of one layer and 36 tokens, as a GGUF file: an engine can load it, and it writes nonsense. */

import type { MetadataValue, TensorType } from '../../server/gguf/format.ts';
import { writeGguf } from '../../server/gguf/writeGguf.ts';

const count = (value: number): MetadataValue => ({ type: 'uint32', value });
const real = (value: number): MetadataValue => ({ type: 'float32', value });
const text = (value: string): MetadataValue => ({ type: 'string', value });

/** Printable characters, and one that ends a text. */
const tokens = [...'abcdefghijklmnopqrstuvwxyz(){};=.,', '\u0120', '<|endoftext|>'];

export const tinySettings: Readonly<Record<string, MetadataValue>> = {
  'general.architecture': text('llama'),
  'llama.block_count': count(1),
  'llama.context_length': count(256),
  'llama.embedding_length': count(32),
  'llama.feed_forward_length': count(64),
  'llama.attention.head_count': count(2),
  'llama.attention.head_count_kv': count(1),
  'llama.attention.layer_norm_rms_epsilon': real(1e-5),
  'llama.rope.dimension_count': count(16),
  'llama.rope.freq_base': real(10_000),
  'tokenizer.ggml.model': text('gpt2'),
  'tokenizer.ggml.pre': text('default'),
  'tokenizer.ggml.tokens': { type: 'array', elementType: 'string', value: tokens },
  'tokenizer.ggml.token_type': {
    ...{ type: 'array', elementType: 'int32' },
    value: tokens.map((token) => (token.length > 1 ? 3 : 1)),
  },
  'tokenizer.ggml.merges': { type: 'array', elementType: 'string', value: ['a b'] },
  'tokenizer.ggml.eos_token_id': count(tokens.length - 1),
};

export const tinyShapes: Readonly<Record<string, readonly number[]>> = {
  'token_embd.weight': [32, tokens.length],
  'output_norm.weight': [32],
  'blk.0.attn_norm.weight': [32],
  'blk.0.attn_q.weight': [32, 32],
  'blk.0.attn_k.weight': [32, 16],
  'blk.0.attn_v.weight': [32, 16],
  'blk.0.attn_output.weight': [32, 32],
  'blk.0.ffn_norm.weight': [32],
  'blk.0.ffn_gate.weight': [32, 64],
  'blk.0.ffn_up.weight': [32, 64],
  'blk.0.ffn_down.weight': [64, 32],
};

export interface TinyModel {
  /** Undefined leaves a setting out. */
  readonly settings?: Readonly<Record<string, MetadataValue | undefined>>;
  /** Undefined leaves a tensor out. */
  readonly shapes?: Readonly<Record<string, readonly number[] | undefined>>;
  readonly types?: Readonly<Record<string, TensorType>>;
}

const bytesOf: Readonly<Partial<Record<TensorType, number>>> = { F32: 4, F16: 2, I32: 4, I8: 1, F64: 8 };

export async function writeTinyModel(path: string, change: TinyModel = {}): Promise<void> {
  const present = <T>(all: Readonly<Record<string, T | undefined>>): [string, T][] =>
    Object.entries(all).filter((entry): entry is [string, T] => entry[1] !== undefined);
  await writeGguf(path, {
    metadata: new Map(present({ ...tinySettings, ...change.settings })),
    tensors: present({ ...tinyShapes, ...change.shapes }).map(([name, shape]) => {
      const type = change.types?.[name] ?? 'F32';
      const size = shape.reduce((product, each) => product * each, 1);
      return { name, shape, type, bytes: () => weights(size, type) };
    }),
  });
}

function weights(size: number, type: TensorType): Uint8Array {
  if (type !== 'F32') return new Uint8Array(size * (bytesOf[type] ?? 4));
  return new Uint8Array(Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101 - 0.5).buffer);
}
