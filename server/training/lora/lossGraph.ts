/** What comes after the last layer: norm, logits and loss of the positions that count, forward and backward in one graph. */

import { buildModel } from '../../onnx/buildModel.ts';
import type { BuiltModel } from '../../onnx/buildModel.ts';
import { differentiate } from '../../onnx/differentiate.ts';
import { crossEntropy, rmsNorm } from '../../onnx/layers.ts';
import { matmul, transpose } from '../../onnx/operations.ts';
import { input } from '../../onnx/value.ts';
import type { DecoderShape } from './decoderShape.ts';

/**
 * Feeds "x" (N, C), "targets" (N, 1), "outputNorm" (C), "output" (V, C); yields "nll" (N, 1) in nats. With
 * `hasGradient` also feeds "weights" (N, 1), the derivative of the loss by each nll, and yields "dx" (N, C).
 */
export function buildLoss(shape: DecoderShape, nRows: number, hasGradient: boolean): BuiltModel {
  const { nChannels, nVocabulary, normEpsilon } = shape;
  const x = input('x', [nRows, nChannels]);
  const normed = rmsNorm(x, input('outputNorm', [nChannels]), normEpsilon);
  const logits = matmul(normed, transpose(input('output', [nVocabulary, nChannels])));
  const nll = crossEntropy(logits, input('targets', [nRows, 1], 'int64'));
  if (!hasGradient) return buildModel({ outputs: { nll } });
  const [dx] = differentiate(nll, input('weights', [nRows, 1]), [x]);
  if (dx === undefined) throw new RangeError('The loss has no derivative.');
  return buildModel({ outputs: { nll, dx } });
}
