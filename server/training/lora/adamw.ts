/** AdamW: Adam with decoupled weight decay, and clipping of the gradient. Source: https://arxiv.org/abs/1711.05101, algorithm 2. */

import type { OptimiserOptions } from './loraOptions.ts';

export interface AdamwState {
  /** Steps taken so far. */
  step: number;
  /** First moment, the running mean of gradients. */
  readonly m: Float32Array;
  /** Second moment, the running mean of their squares. */
  readonly v: Float32Array;
}

export function createAdamwState(nParameters: number): AdamwState {
  return { step: 0, m: new Float32Array(nParameters), v: new Float32Array(nParameters) };
}

/** One step; changes `parameters` and `state` in place. */
export function adamwStep_(
  parameters: Float32Array,
  gradients: Float32Array,
  state: AdamwState,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: OptimiserOptions,
): void {
  const { m, v } = state;
  state.step += 1;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = Math.sqrt(1 - beta2 ** state.step);
  const rate = learningRate / correction1;
  const kept = 1 - learningRate * weightDecay;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i] as number;
    const mi = beta1 * (m[i] as number) + (1 - beta1) * g;
    const vi = beta2 * (v[i] as number) + (1 - beta2) * g * g;
    m[i] = mi;
    v[i] = vi;
    parameters[i] = kept * (parameters[i] as number) - (rate * mi) / (Math.sqrt(vi) / correction2 + epsilon);
  }
}

/** Shortens the gradient to `maxNorm` in place where it is longer; returns its length before. https://arxiv.org/abs/1211.5063 */
export function clipGradients_(gradients: Float32Array, maxNorm: number): number {
  let squares = 0;
  for (let i = 0; i < gradients.length; i++) squares += (gradients[i] as number) ** 2;
  const norm = Math.sqrt(squares);
  if (norm > maxNorm) {
    // As PyTorch's clip_grad_norm_, which adds the small number.
    const factor = maxNorm / (norm + 1e-6);
    for (let i = 0; i < gradients.length; i++) gradients[i] = (gradients[i] as number) * factor;
  }
  return norm;
}
