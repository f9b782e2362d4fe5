/** Reads the weights of a base model, laid out as transformers does, as the graphs of its layers take them. Knows no adapter. */

import { setImmediate } from 'node:timers/promises';
import { IdiomError } from '../../base/errors.ts';
import type { GgufHeader } from '../../gguf/format.ts';
import { readTensor } from '../../gguf/readTensor.ts';
import type { Data } from '../../onnx/value.ts';
import type { DecoderShape } from './decoderShape.ts';
import { frozenFeeds, moduleMatrix, outputMatrix } from './frozenProduct.ts';
import type { Precision } from './frozenProduct.ts';
import { loraModules, moduleNames, moduleSize } from './loraModules.ts';
import type { LoraModule } from './loraModules.ts';
import { toHalves } from './ropeLayout.ts';

/**
 * One layer's arrays by the names of its graph's inputs: "attentionNorm" and "feedForwardNorm" (C); for each module M
 * what `frozenFeeds` yields for it, and "M.bias" (nOutputs) where there is one. Rows of q and k are in the order of `toHalves`.
 */
export type FrozenLayer = Readonly<Record<string, Data>>;

export interface FrozenWeights {
  /** (V, C) */
  readonly embedding: Float32Array;
  /** What the logits' weight (V, C), named "output", is fed with; where the model ties the two, it is `embedding` again. */
  readonly output: Readonly<Record<string, Data>>;
  /** (C) */
  readonly outputNorm: Float32Array;
  readonly layers: readonly FrozenLayer[];
  /** Modules with a bias. */
  readonly biased: readonly LoraModule[];
  /** (D/2) by which each frequency is divided; some Llama models have them. */
  readonly ropeFactors: Float32Array | undefined;
}

/** Where an array is to lie: returns it, or the same numbers elsewhere. */
export type Place = <T extends Data>(array: T) => T;

/** @throws IdiomError `modelBroken` when a tensor lacks or has another size; `modelUnsupported` as dequantise does. */
export async function readFrozenWeights(
  header: GgufHeader,
  shape: DecoderShape,
  precision: Precision,
  place: Place = (array) => array,
): Promise<FrozenWeights> {
  const { nChannels, nVocabulary } = shape;
  const embedding = place(await required(header, 'token_embd.weight', nVocabulary * nChannels));
  const output = await optional(header, 'output.weight', nVocabulary * nChannels);
  const layers: FrozenLayer[] = [];
  for (let layerIdx = 0; layerIdx < shape.nLayers; layerIdx++)
    layers.push(placed(await readLayer(header, shape, layerIdx, precision), place));
  const biased = loraModules.filter((module) => layers[0]?.[`${module}.bias`] !== undefined);
  return {
    embedding,
    biased,
    output: placed(frozenFeeds(outputMatrix(shape, precision), output ?? embedding), place),
    outputNorm: place(await required(header, 'output_norm.weight', nChannels)),
    layers,
    ropeFactors: await optional(header, 'rope_freqs.weight', shape.headSize / 2),
  };
}

function placed(arrays: Readonly<Record<string, Data>>, place: Place): Record<string, Data> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, place(array)]));
}

async function readLayer(
  header: GgufHeader,
  shape: DecoderShape,
  layerIdx: number,
  precision: Precision,
): Promise<FrozenLayer> {
  const name = (part: string) => `blk.${layerIdx}.${part}`;
  const layer: Record<string, Data> = {
    attentionNorm: await required(header, name('attn_norm.weight'), shape.nChannels),
    feedForwardNorm: await required(header, name('ffn_norm.weight'), shape.nChannels),
  };
  for (const module of loraModules) {
    const { nInputs, nOutputs } = moduleSize(shape, module);
    const { gguf } = moduleNames[module];
    const stored = await required(header, name(`${gguf}.weight`), nInputs * nOutputs);
    const weight = toHalves(shape, module, stored);
    Object.assign(layer, frozenFeeds(moduleMatrix(shape, module, precision), weight));
    await setImmediate();
    const bias = await optional(header, name(`${gguf}.bias`), nOutputs);
    if (bias !== undefined) layer[`${module}.bias`] = toHalves(shape, module, bias);
  }
  return layer;
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
