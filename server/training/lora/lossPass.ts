/** Losses of the rows that count and their derivative, in pieces, so that logits of few rows are in memory at a time. */

import type { DecoderShape } from './decoderShape.ts';
import type { FrozenWeights } from './frozenWeights.ts';
import type { GraphSessions } from './graphSessions.ts';
import type { MicroBatch } from './microBatches.ts';
import { runGraph } from './runGraph.ts';
import type { BeforeRun } from './runGraph.ts';

export interface LossPassOptions {
  readonly shape: DecoderShape;
  readonly weights: FrozenWeights;
  readonly sessions: GraphSessions;
  readonly beforeRun: BeforeRun;
}

/** Rows are put together up to this many; 128 rows of a vocabulary of 49,152 take 25 MB. */
const maxRows = 128;
const rowStep = 32;

/**
 * Negative log-likelihood in nats of each row of `batch.rows`, when `x` (T, C) are the values after the last layer.
 * With `dx` (T, C), sets it to the derivative of the sum of nll times weight / totalWeight.
 */
export async function computeLoss(
  { shape, weights, sessions, beforeRun }: LossPassOptions,
  batch: MicroBatch,
  x: Float32Array,
  gradient?: { readonly dx: Float32Array; readonly totalWeight: number },
): Promise<Float32Array> {
  const { nChannels } = shape;
  const nll = new Float32Array(batch.rows.length);
  gradient?.dx.fill(0);
  for (let start = 0; start < nll.length; start += maxRows) {
    const end = Math.min(start + maxRows, nll.length);
    const rows = batch.rows.subarray(start, end);
    const nRows = Math.ceil(rows.length / rowStep) * rowStep;
    const targets = new BigInt64Array(nRows);
    targets.set(batch.targets.subarray(start, end));
    const gathered = new Float32Array(nRows * nChannels);
    rows.forEach((row, i) => gathered.set(x.subarray(row * nChannels, (row + 1) * nChannels), i * nChannels));
    const feeds = { x: gathered, targets, outputNorm: weights.outputNorm, ...weights.output };
    const session = await sessions.loss(nRows, gradient !== undefined);
    if (gradient === undefined) {
      const result = await runGraph(session, feeds, beforeRun);
      nll.set((result['nll'] as Float32Array).subarray(0, rows.length), start);
      continue;
    }
    const scaled = new Float32Array(nRows);
    rows.forEach((_, i) => (scaled[i] = (batch.weights[start + i] ?? 0) / gradient.totalWeight));
    const result = await runGraph(session, { ...feeds, weights: scaled }, beforeRun);
    nll.set((result['nll'] as Float32Array).subarray(0, rows.length), start);
    const dx = result['dx'] as Float32Array;
    rows.forEach((row, i) =>
      gradient.dx.set(dx.subarray(i * nChannels, (i + 1) * nChannels), row * nChannels),
    );
  }
  return nll;
}
