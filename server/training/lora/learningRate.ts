/** The learning rate of each step: warm-up, then constant, or down a line or a cosine. */

import type { OptimiserOptions } from './loraOptions.ts';

/** `step` counts from 1. Cosine: https://arxiv.org/abs/1608.03983, without restarts. */
export function learningRateAt(step: number, options: OptimiserOptions): number {
  const { learningRate, warmupSteps, totalSteps, schedule, finalFraction } = options;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const height = { constant: 1, linear: 1 - progress, cosine: (1 + Math.cos(Math.PI * progress)) / 2 }[
    schedule
  ];
  return learningRate * (finalFraction + (1 - finalFraction) * height);
}
