/** What a base model is, read off its GGUF header. Decides nothing about whether it can be trained or served. */

import { IdiomError } from '../base/errors.ts';
import { numberOf, stringOf } from './format.ts';
import type { GgufHeader } from './format.ts';

export interface ModelDescription {
  /** `general.architecture`, for example "llama" or "qwen2". */
  readonly architecture: string;
  /** `general.name`, else undefined. */
  readonly name: string | undefined;
  /** Longest context the model was trained for, in tokens. */
  readonly contextTokens: number;
  readonly nLayers: number;
  readonly nEmbedding: number;
  readonly nHeads: number;
  /** Fewer than `nHeads` where queries share keys and values (grouped queries). */
  readonly nKvHeads: number;
  /** Values of one key and of one value head. */
  readonly keyLength: number;
  readonly valueLength: number;
  readonly nVocabulary: number;
  /** Bytes of keys and values of one token, in half precision, over all layers. */
  readonly kvBytesPerToken: number;
  /** Bytes of all tensors. */
  readonly weightBytes: number;
}

/**
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, section "Standardized key-value pairs".
 * @throws IdiomError `modelUnsupported` when the file is no language model (an adapter, a projector), and
 *   `modelBroken` when a size that each model states is missing.
 */
export function describeModel(header: GgufHeader): ModelDescription {
  const architecture = stringOf(header, 'general.architecture');
  const kind = stringOf(header, 'general.type') ?? 'model';
  if (kind !== 'model')
    throw new IdiomError(
      'modelUnsupported',
      `${header.path} is a GGUF file of type "${kind}", not a base model.`,
      { remedy: 'Choose the GGUF file of a language model.' },
    );
  if (architecture === undefined) throw missing(header, 'general.architecture');
  const size = (key: string): number => {
    const value = maxOf(header, `${architecture}.${key}`);
    if (value === undefined) throw missing(header, `${architecture}.${key}`);
    return value;
  };
  const nLayers = size('block_count');
  const nEmbedding = size('embedding_length');
  const nHeads = size('attention.head_count');
  const nKvHeads = maxOf(header, `${architecture}.attention.head_count_kv`) ?? nHeads;
  const keyLength = numberOf(header, `${architecture}.attention.key_length`) ?? nEmbedding / nHeads;
  const valueLength = numberOf(header, `${architecture}.attention.value_length`) ?? nEmbedding / nHeads;
  return {
    architecture,
    name: stringOf(header, 'general.name'),
    contextTokens: size('context_length'),
    nLayers,
    nEmbedding,
    nHeads,
    nKvHeads,
    keyLength,
    valueLength,
    nVocabulary: vocabularySize(header, architecture),
    kvBytesPerToken: nLayers * nKvHeads * (keyLength + valueLength) * 2,
    weightBytes: header.tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0),
  };
}

/** Some models give a number per layer; the largest bounds what memory they need. */
function maxOf(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(key)?.value;
  if (typeof value === 'number') return value > 0 ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((item): item is number => typeof item === 'number' && item > 0);
  return numbers.length === 0 ? undefined : numbers.reduce((max, item) => Math.max(max, item), 0);
}

function vocabularySize(header: GgufHeader, architecture: string): number {
  const tokens = header.metadata.get('tokenizer.ggml.tokens');
  if (tokens?.type === 'array') return tokens.value.length;
  const stated = numberOf(header, `${architecture}.vocab_size`);
  if (stated === undefined) throw missing(header, 'tokenizer.ggml.tokens');
  return stated;
}

function missing(header: GgufHeader, key: string): IdiomError {
  return new IdiomError('modelBroken', `${header.path} does not say its "${key}".`, {
    remedy: 'Choose another GGUF file.',
  });
}
