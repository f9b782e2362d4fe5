/** How a repository is trained, in one place; docs/learning.md has what was measured about each number. */

import type { z } from 'zod';
import type { trainingJobSchema } from '../training/run/trainingJob.ts';

type Job = z.input<typeof trainingJobSchema>;

export interface TrainingSettings extends Pick<
  Job,
  'lora' | 'optimiser' | 'warmupShare' | 'tokensPerStep' | 'maxEpochs' | 'nEvaluationCases' | 'threads'
> {
  /** Instead of a budget: this many steps. */
  readonly nSteps?: number | undefined;
}

export const defaultTrainingSettings: TrainingSettings = {
  lora: { r: 16, loraAlpha: 32, firstLayer: 8 },
  optimiser: { learningRate: 1e-3, schedule: 'cosine', finalFraction: 0.1 },
  warmupShare: 0.1,
  tokensPerStep: 1024,
  maxEpochs: 3,
  nEvaluationCases: 60,
  threads: 0,
};
