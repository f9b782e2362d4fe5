/** What comes after the last layer: norm, logits and loss of the positions that count, forward and backward in one graph. */

import { buildModel } from '../../onnx/buildModel.ts';
import type { BuiltModel } from '../../onnx/buildModel.ts';
import { differentiate } from '../../onnx/differentiate.ts';
import { crossEntropy, rmsNorm } from '../../onnx/layers.ts';
import { mul } from '../../onnx/operations.ts';
import { input, scalar } from '../../onnx/value.ts';
import type { DecoderShape } from './decoderShape.ts';
import { frozenProducts, outputMatrix } from './frozenProduct.ts';
import type { Precision } from './frozenProduct.ts';

export interface LossGraphOptions {
  readonly shape: DecoderShape;
  readonly nRows: number;
  readonly hasGradient: boolean;
  /** Of the logits' weight. */
  readonly precision: Precision;
}

/**
 * Feeds "x" (N, C), "targets" (N, 1), "outputNorm" (C) and the weight "output" (V, C) as `frozenFeeds` names it; yields
 * "nll" (N, 1) in nats. With `hasGradient` also feeds "weights" (N, 1), the derivative of the loss by each nll, and yields
 * "dx" (N, C).
 */
export function buildLoss({ shape, nRows, hasGradient, precision }: LossGraphOptions): BuiltModel {
  const { nChannels, normEpsilon } = shape;
  const x = input('x', [nRows, nChannels]);
  const normed = rmsNorm(x, input('outputNorm', [nChannels]), normEpsilon);
  const output = frozenProducts(outputMatrix(shape, precision));
  const logits = output.ahead(normed);
  const nll = crossEntropy(logits, input('targets', [nRows, 1], 'int64'));
  if (!hasGradient) return buildModel({ outputs: { nll } });
  // Weights come last, where a row has C items and not V.
  const [dLogits] = differentiate(nll, scalar(1), [logits]);
  if (dLogits === undefined) throw new RangeError('The loss has no derivative.');
  const dNormed = mul(output.back(dLogits), input('weights', [nRows, 1]));
  const [dx] = differentiate(normed, dNormed, [x]);
  if (dx === undefined) throw new RangeError('The norm has no derivative.');
  return buildModel({ outputs: { nll, dx } });
}
