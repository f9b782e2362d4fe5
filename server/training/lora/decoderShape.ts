/** Sizes and constants of a base model that can be trained, read off its GGUF header. Reads no weights. */

import { basename } from 'node:path';
import { IdiomError } from '../../base/errors.ts';
import { describeModel } from '../../gguf/describeModel.ts';
import { numberOf, stringOf } from '../../gguf/format.ts';
import type { GgufHeader } from '../../gguf/format.ts';

export const trainableArchitectures = ['llama', 'qwen2'] as const;
export type Architecture = (typeof trainableArchitectures)[number];

export interface DecoderShape {
  readonly architecture: Architecture;
  readonly nLayers: number;
  /** C, values of a token between layers. */
  readonly nChannels: number;
  readonly nHeads: number;
  readonly nKvHeads: number;
  /** D */
  readonly headSize: number;
  /** Width of the feed-forward part. */
  readonly nHidden: number;
  readonly nVocabulary: number;
  readonly normEpsilon: number;
  readonly ropeBase: number;
  /** Positions are divided by it. */
  readonly ropeScale: number;
  readonly contextTokens: number;
}

/**
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @throws IdiomError `modelUnsupported` for another architecture or a variant whose mathematics is not built here, and
 *   as describeModel does.
 */
export function readDecoderShape(header: GgufHeader): DecoderShape {
  const model = describeModel(header);
  const architecture = trainableArchitectures.find((name) => name === model.architecture);
  if (architecture === undefined)
    throw untrainable(header, `its architecture is "${model.architecture}", not llama or qwen2`);
  const number = (key: string) => numberOf(header, `${architecture}.${key}`);
  const ropeType = stringOf(header, `${architecture}.rope.scaling.type`) ?? 'none';
  const headSize = model.keyLength;
  if ((number('expert_count') ?? 0) > 0) throw untrainable(header, 'it is a mixture of experts');
  if (ropeType !== 'none' && ropeType !== 'linear')
    throw untrainable(header, `its positions are scaled by the method "${ropeType}"`);
  if ((number('rope.dimension_count') ?? headSize) !== headSize || model.valueLength !== headSize)
    throw untrainable(header, 'only a part of each head is turned by its position');
  const nHidden = number('feed_forward_length');
  const normEpsilon = number('attention.layer_norm_rms_epsilon');
  if (nHidden === undefined || normEpsilon === undefined)
    throw untrainable(header, 'it does not state all of its sizes');
  return {
    architecture,
    nLayers: model.nLayers,
    nChannels: model.nEmbedding,
    nHeads: model.nHeads,
    nKvHeads: model.nKvHeads,
    headSize,
    nHidden,
    nVocabulary: model.nVocabulary,
    normEpsilon,
    ropeBase: number('rope.freq_base') ?? 10_000,
    ropeScale: ropeType === 'linear' ? (number('rope.scaling.factor') ?? 1) : 1,
    contextTokens: model.contextTokens,
  };
}

function untrainable(header: GgufHeader, why: string): IdiomError {
  return new IdiomError(
    'modelUnsupported',
    `The base model ${basename(header.path)} cannot be trained here: ${why}.`,
    { remedy: 'Suggestions go on without learning; Qwen2.5-Coder and Llama models can be trained.' },
  );
}
