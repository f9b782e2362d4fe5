/** Products with the weights that are not trained: as parts of a graph, and as the arrays that they are fed with. */

import { integerMatmul, integersOfColumns, integersOfRows } from '../../onnx/integerProducts.ts';
import type { IntegerMatrix } from '../../onnx/integerProducts.ts';
import { matmul, transpose } from '../../onnx/operations.ts';
import { spread, spreadColumns, spreadRows } from '../../onnx/spreadOutliers.ts';
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
  readonly precision: Precision;
}

export interface FrozenProducts {
  /** x Wᵀ */
  ahead(x: Value): Value;
  /** y W */
  back(y: Value): Value;
}

/**
 * Inputs are "NAME.weight" (nOutputs, nInputs), or in integers "NAME.ahead" (nInputs, nOutputs) and "NAME.back"
 * (nOutputs, nInputs) with their scales, since each direction wants its own.
 */
export function frozenProducts({ name, nInputs, nOutputs, precision }: FrozenMatrix): FrozenProducts {
  if (precision === 'float32') {
    const weight = input(`${name}.weight`, [nOutputs, nInputs]);
    return { ahead: (x) => matmul(x, transpose(weight)), back: (y) => matmul(y, weight) };
  }
  const matrixOf = (direction: string, k: number, n: number): IntegerMatrix => ({
    items: input(`${name}.${direction}`, [k, n], 'int8'),
    scale: input(`${name}.${direction}Scale`, [n]),
  });
  const ahead = matrixOf('ahead', nInputs, nOutputs);
  const back = matrixOf('back', nOutputs, nInputs);
  return { ahead: (x) => integerMatmul(spread(x), ahead), back: (y) => integerMatmul(spread(y), back) };
}

/** What the graph's inputs are fed with; `rows` (nOutputs, nInputs) is the weight. */
export function frozenFeeds(
  { name, nInputs, nOutputs, precision }: FrozenMatrix,
  rows: Float32Array,
): Record<string, Data> {
  if (precision === 'float32') return { [`${name}.weight`]: rows };
  const ahead = integersOfRows(spreadRows(rows, nInputs), nOutputs);
  const back = integersOfColumns(spreadColumns(rows, nInputs), nOutputs);
  return {
    [`${name}.ahead`]: ahead.items,
    [`${name}.aheadScale`]: ahead.scale,
    [`${name}.back`]: back.items,
    [`${name}.backScale`]: back.scale,
  };
}

/**
 * The weight of the logits is float32 at every precision: in integers the gradient's cosine to the exact one fell from 0.992
 * to 0.976, since rare tokens have weights far larger than others', and their many small probabilities rounded to nothing.
 */
export function outputMatrix(shape: DecoderShape): FrozenMatrix {
  return { name: 'output', nInputs: shape.nChannels, nOutputs: shape.nVocabulary, precision: 'float32' };
}

export function moduleMatrix(shape: DecoderShape, module: LoraModule, precision: Precision): FrozenMatrix {
  return { name: module, ...moduleSize(shape, module), precision };
}
