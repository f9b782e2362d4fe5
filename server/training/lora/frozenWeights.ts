/** Reads the weights of a base model in single precision, laid out as transformers does. Knows no adapter. */

import { IdiomError } from '../../base/errors.ts';
import type { GgufHeader } from '../../gguf/format.ts';
import { readTensor } from '../../gguf/readTensor.ts';
import type { DecoderShape } from './decoderShape.ts';
import { loraModules, moduleNames, moduleSize } from './loraModules.ts';
import type { LoraModule } from './loraModules.ts';
import { toHalves } from './ropeLayout.ts';

export interface FrozenLayer {
  /** (C) */
  readonly attentionNorm: Float32Array;
  readonly feedForwardNorm: Float32Array;
  /** (nOutputs, nInputs) each, rows of q and k in the order of `toHalves`. */
  readonly weights: Readonly<Record<LoraModule, Float32Array>>;
  /** (nOutputs) each, of the modules that have one. */
  readonly biases: Readonly<Partial<Record<LoraModule, Float32Array>>>;
}

export interface FrozenWeights {
  /** (V, C) */
  readonly embedding: Float32Array;
  /** (V, C); the same array as `embedding` where the model ties the two. */
  readonly output: Float32Array;
  /** (C) */
  readonly outputNorm: Float32Array;
  readonly layers: readonly FrozenLayer[];
  /** (D/2) by which each frequency is divided; some Llama models have them. */
  readonly ropeFactors: Float32Array | undefined;
}

/** @throws IdiomError `modelBroken` when a tensor lacks or has another size; `modelUnsupported` as dequantise does. */
export async function readFrozenWeights(header: GgufHeader, shape: DecoderShape): Promise<FrozenWeights> {
  const { nChannels, nVocabulary } = shape;
  const embedding = await required(header, 'token_embd.weight', nVocabulary * nChannels);
  const output = await optional(header, 'output.weight', nVocabulary * nChannels);
  const layers: FrozenLayer[] = [];
  for (let layerIdx = 0; layerIdx < shape.nLayers; layerIdx++)
    layers.push(await readLayer(header, shape, layerIdx));
  return {
    embedding,
    output: output ?? embedding,
    outputNorm: await required(header, 'output_norm.weight', nChannels),
    layers,
    ropeFactors: await optional(header, 'rope_freqs.weight', shape.headSize / 2),
  };
}

async function readLayer(header: GgufHeader, shape: DecoderShape, layerIdx: number): Promise<FrozenLayer> {
  const name = (part: string) => `blk.${layerIdx}.${part}`;
  const weights: Partial<Record<LoraModule, Float32Array>> = {};
  const biases: Partial<Record<LoraModule, Float32Array>> = {};
  for (const module of loraModules) {
    const { nInputs, nOutputs } = moduleSize(shape, module);
    const { gguf } = moduleNames[module];
    const weight = await required(header, name(`${gguf}.weight`), nInputs * nOutputs);
    const bias = await optional(header, name(`${gguf}.bias`), nOutputs);
    weights[module] = toHalves(shape, module, weight);
    if (bias !== undefined) biases[module] = toHalves(shape, module, bias);
  }
  return {
    attentionNorm: await required(header, name('attn_norm.weight'), shape.nChannels),
    feedForwardNorm: await required(header, name('ffn_norm.weight'), shape.nChannels),
    weights: weights as Record<LoraModule, Float32Array>,
    biases,
  };
}

async function required(header: GgufHeader, name: string, length: number): Promise<Float32Array> {
  const weights = await optional(header, name, length);
  if (weights === undefined) throw broken(header, `has no tensor ${name}`);
  return weights;
}

async function optional(header: GgufHeader, name: string, length: number): Promise<Float32Array | undefined> {
  const tensor = header.tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) return undefined;
  const weights = await readTensor(header, tensor);
  if (weights.length !== length)
    throw broken(header, `has a tensor ${name} of another size than its header says`);
  return weights;
}

function broken(header: GgufHeader, why: string): IdiomError {
  return new IdiomError('modelBroken', `The base model ${header.path} ${why}.`, {
    remedy: 'Download it again, or choose another one.',
  });
}
