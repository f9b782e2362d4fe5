/**
 * Checks a base model's header against itself, so that no engine meets numbers it can only die of: settings within their
 * ranges and of their types, vocabulary, and each tensor's shape against the settings.
 */

import { IdiomError } from '../base/errors.ts';
import { stringOf } from './format.ts';
import type { GgufHeader, MetadataValue, Scalar, TensorType, ValueType } from './format.ts';
import { checkShapes } from './modelShapes.ts';
import { quoteName } from './quoteName.ts';

/** `LLAMA_MAX_LAYERS` and `LLAMA_MAX_EXPERTS` of https://github.com/ggml-org/llama.cpp/blob/master/src/llama-hparams.h */
const maxLayers = 512;
const maxExperts = 512;
const maxSize = 2 ** 24;
const maxTokens = 2 ** 31 - 1;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

const whole = (min: number, max: number): Range => ({ min, max, isWhole: true });
const smallest = 1e-30;

/**
 * Values that a model may have, by the key behind the architecture; a list has one for each layer.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, section "Standardized key-value pairs".
 */
const ranges: Readonly<Record<string, Range>> = {
  block_count: whole(1, maxLayers),
  context_length: whole(1, maxTokens),
  embedding_length: whole(1, maxSize),
  feed_forward_length: whole(0, maxSize),
  vocab_size: whole(1, maxSize),
  'attention.head_count': whole(0, 4096),
  'attention.head_count_kv': whole(0, 4096),
  'attention.key_length': whole(1, 65_536),
  'attention.value_length': whole(1, 65_536),
  'attention.layer_norm_epsilon': { min: 0, max: 1 },
  'attention.layer_norm_rms_epsilon': { min: 0, max: 1 },
  'attention.sliding_window': whole(0, maxTokens),
  'attention.clamp_kqv': { min: 0, max: 1e9 },
  'attention.max_alibi_bias': { min: 0, max: 1e6 },
  'attention.scale': { min: 0, max: 1e6 },
  logit_scale: { min: -1e6, max: 1e6 },
  'rope.dimension_count': whole(0, 65_536),
  'rope.freq_base': { min: 1, max: 1e15 },
  'rope.scale_linear': { min: smallest, max: 1e9 },
  'rope.scaling.factor': { min: 0, max: 1e9 },
  'rope.scaling.attn_factor': { min: 0, max: 1e6 },
  'rope.scaling.original_context_length': whole(0, maxTokens),
  expert_count: whole(0, maxExperts),
  expert_used_count: whole(0, maxExperts),
};

/** Whole numbers that no multiplication takes, and types that exist within one only. */
const noWeights: ReadonlySet<TensorType> = new Set(['I8', 'I16', 'I32', 'I64', 'F64', 'Q8_1', 'Q8_K']);
const ofRow: ReadonlySet<TensorType> = new Set(['F32', 'F16', 'BF16']);

/** Types of the tokenizer's lists; llama.cpp reads them without looking. */
const listTypes: Readonly<Record<string, ValueType>> = {
  'tokenizer.ggml.tokens': 'string',
  'tokenizer.ggml.merges': 'string',
  'tokenizer.ggml.scores': 'float32',
  'tokenizer.ggml.token_type': 'int32',
};

/** @throws IdiomError `modelBroken` that names the setting or the tensor and what is wrong with it. */
export function checkModel(header: GgufHeader): void {
  const fail = (why: string): IdiomError => brokenModel(header, why);
  const architecture = stringOf(header, 'general.architecture') ?? '';
  for (const [key, range] of Object.entries(ranges)) {
    const name = `${architecture}.${key}`;
    const value = header.metadata.get(name);
    if (value !== undefined) checkRange(name, value, range, fail);
  }
  for (const [name, { type, value }] of header.metadata) {
    const isOfModel = name.startsWith(`${architecture}.`) && type.startsWith('float');
    if (isOfModel && !Number.isFinite(value)) throw fail(outOfRange(name, value as Scalar));
  }
  checkTokenizer(header, fail);
  checkTypes(header, fail);
  checkExperts(header, architecture, fail);
  checkShapes(header, architecture, fail);
}

type Fail = (why: string) => IdiomError;

function checkRange(name: string, { type, value }: MetadataValue, range: Range, fail: Fail): void {
  const values: readonly Scalar[] = type === 'array' ? value : [value];
  if (type === 'array' && (values.length === 0 || values.length > maxLayers))
    throw fail(`its setting ${quoteName(name)} has ${values.length} entries`);
  for (const each of values) {
    if (typeof each !== 'number' || !(each >= range.min && each <= range.max))
      throw fail(outOfRange(name, each));
    if (range.isWhole === true && !Number.isInteger(each)) throw fail(outOfRange(name, each));
  }
}

function outOfRange(name: string, value: Scalar): string {
  const shown = typeof value === 'string' ? quoteName(value) : String(value);
  return `its setting ${quoteName(name)} is ${shown}, which is out of range`;
}

function checkTokenizer({ metadata }: GgufHeader, fail: Fail): void {
  for (const [name, wanted] of Object.entries(listTypes)) {
    const value = metadata.get(name);
    if (value === undefined) continue;
    if (value.type !== 'array' || value.elementType !== wanted)
      throw fail(`its setting ${quoteName(name)} is no list of type ${wanted}`);
  }
  const lengthOf = (name: string): number | undefined => {
    const value = metadata.get(name);
    return value?.type === 'array' ? value.value.length : undefined;
  };
  const nTokens = lengthOf('tokenizer.ggml.tokens');
  if (nTokens === undefined) return;
  if (nTokens === 0) throw fail('its vocabulary is empty');
  for (const name of ['tokenizer.ggml.scores', 'tokenizer.ggml.token_type']) {
    const length: number = lengthOf(name) ?? nTokens;
    if (length !== nTokens)
      throw fail(`its setting ${quoteName(name)} has ${length} entries, and its vocabulary ${nTokens}`);
  }
  for (const [name, { value }] of metadata) {
    if (!/^tokenizer\.ggml\.\w+_token_id$/.test(name) || typeof value !== 'number') continue;
    // The largest 32-bit number stands for none.
    if ((value < 0 || value >= nTokens) && value !== -1 && value !== 2 ** 32 - 1)
      throw fail(`${outOfRange(name, value)}, as its vocabulary has ${nTokens} entries`);
  }
}

function checkTypes({ tensors }: GgufHeader, fail: Fail): void {
  for (const { name, shape, type } of tensors) {
    const isBad =
      noWeights.has(type) || (/(_norm\.weight|\.bias)$/.test(name) && shape.length === 1 && !ofRow.has(type));
    if (isBad) throw fail(`its tensor ${quoteName(name)} is of type ${type}, which nothing computes with`);
  }
}

function checkExperts({ metadata }: GgufHeader, architecture: string, fail: Fail): void {
  const [all, used] = ['expert_count', 'expert_used_count'].map(
    (key) => (metadata.get(`${architecture}.${key}`)?.value ?? 0) as number,
  );
  if (all === undefined || used === undefined || (all === 0 ? used === 0 : used > 0 && used <= all)) return;
  throw fail(`its setting "${architecture}.expert_used_count" is ${used}, and it has ${all} experts`);
}

function brokenModel({ path }: GgufHeader, why: string): IdiomError {
  return new IdiomError('modelBroken', `The model file ${path} is broken: ${why}.`, {
    remedy: 'Download it again, or choose another one in the setting idiom.baseModel.',
  });
}
