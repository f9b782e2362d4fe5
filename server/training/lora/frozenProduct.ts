/** Products with the weights that are not trained: as parts of a graph, and as the arrays that they are fed with. */

import { integerMatmul, integersOfColumns, integersOfRows } from '../../onnx/integerProducts.ts';
import type { IntegerMatrix, StoredIntegers } from '../../onnx/integerProducts.ts';
import { matmul, transpose } from '../../onnx/operations.ts';
import { spread, spreadRows } from '../../onnx/spreadOutliers.ts';
import { input } from '../../onnx/value.ts';
import type { Data, Value } from '../../onnx/value.ts';
import type { DecoderShape } from './decoderShape.ts';
import { moduleSize } from './loraModules.ts';
import type { LoraModule } from './loraModules.ts';

/**
 * How weights that are not trained are multiplied. "int8" takes half the time of "float32" where the processor has
 * instructions for it; it is as near to it as llama.cpp's own products, which round activations as well.
 */
export type Precision = 'float32' | 'int8';

/** A weight (nOutputs, nInputs) that is not trained. */
export interface FrozenMatrix {
  readonly name: string;
  readonly nInputs: number;
  readonly nOutputs: number;
  readonly ahead: Precision;
  readonly back: Precision;
}

export interface FrozenProducts {
  /** x Wᵀ */
  ahead(x: Value): Value;
  /** y W */
  back(y: Value): Value;
}

/**
 * Rows are turned ahead only: few items of derivatives stand out, and turning those rows too was not worth its time.
 * Inputs are "NAME.weight" (nOutputs, nInputs) for a direction in float32; in integers "NAME.ahead" (nInputs, nOutputs) and
 * "NAME.back" (nOutputs, nInputs) with their scales, since each direction wants its own.
 */
export function frozenProducts({ name, nInputs, nOutputs, ahead, back }: FrozenMatrix): FrozenProducts {
  const weight = input(`${name}.weight`, [nOutputs, nInputs]);
  const integersOf = (direction: string, k: number, n: number): IntegerMatrix => ({
    items: input(`${name}.${direction}`, [k, n], 'int8'),
    scale: input(`${name}.${direction}Scale`, [n]),
  });
  const aheadIntegers = integersOf('ahead', nInputs, nOutputs);
  const backIntegers = integersOf('back', nOutputs, nInputs);
  return {
    ahead: (x) => (ahead === 'int8' ? integerMatmul(spread(x), aheadIntegers) : matmul(x, transpose(weight))),
    back: (y) => (back === 'int8' ? integerMatmul(y, backIntegers) : matmul(y, weight)),
  };
}

/** What the graph's inputs are fed with; `rows` (nOutputs, nInputs) is the weight. */
export function frozenFeeds(
  { name, nInputs, nOutputs, ahead, back }: FrozenMatrix,
  rows: Float32Array,
): Record<string, Data> {
  const feeds: Record<string, Data> = {};
  const addIntegers = (direction: string, { items, scale }: StoredIntegers) =>
    Object.assign(feeds, { [`${name}.${direction}`]: items, [`${name}.${direction}Scale`]: scale });
  if (ahead === 'int8') addIntegers('ahead', integersOfRows(spreadRows(rows, nInputs), nOutputs));
  if (back === 'int8') addIntegers('back', integersOfColumns(rows, nOutputs));
  if (ahead === 'float32' || back === 'float32') feeds[`${name}.weight`] = rows;
  return feeds;
}

/**
 * Back from the logits it is float32 at every precision: in integers the gradient's cosine to the exact one fell from 0.992
 * to 0.976, since rare tokens have weights far larger than others', and their many small probabilities rounded to nothing.
 */
export function outputMatrix({ nChannels, nVocabulary }: DecoderShape, precision: Precision): FrozenMatrix {
  return { name: 'output', nInputs: nChannels, nOutputs: nVocabulary, ahead: precision, back: 'float32' };
}

export function moduleMatrix(shape: DecoderShape, module: LoraModule, precision: Precision): FrozenMatrix {
  return { name: module, ...moduleSize(shape, module), ahead: precision, back: precision };
}
