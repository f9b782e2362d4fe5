/** What is tried: how a repository could be trained, each by what differs from the defaults. docs/learning.md has the outcome. */

import type { TrainingSettings } from '../../server/learning/trainingSettings.ts';
import type { DatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import type { AdapterShape } from './widenAdapter.ts';

export interface Variant {
  readonly nSteps: number;
  /** Default: the task adapter's. */
  readonly shape?: AdapterShape;
  readonly optimiser?: Partial<TrainingSettings['optimiser']>;
  readonly dataset?: Partial<DatasetSettings>;
}

/** As many as ten minutes of two quiet cores take, and a third of it for what is only compared with each other. */
const many = { nSteps: 186 };
const few = { nSteps: 60 };

export const variants: Readonly<Record<string, Variant>> = {
  steps15: { nSteps: 15 },
  steps30: { nSteps: 30 },
  steps60: few,
  steps120: { nSteps: 120 },
  steps186: many,
  rank32: { ...few, shape: { r: 32, firstLayer: 8 } },
  rank64: { ...few, shape: { r: 64, firstLayer: 8 } },
  allLayers: { ...few, shape: { r: 16, firstLayer: 0 } },
  halfLife30: { ...few, dataset: { halfLifeCommits: 30 } },
  halfLife1000: { ...few, dataset: { halfLifeCommits: 1000 } },
  snippets4of10: { ...few, dataset: { retrievalShare: 0.4 } },
  snippetsAlways: { ...few, dataset: { retrievalShare: 1 } },
  prompts1Of10: { ...few, dataset: { promptWeight: 0.1 } },
  middles10: { ...few, dataset: { promptWeight: 1, middleWeight: 10 } },
  beta2Of095: { ...few, optimiser: { beta2: 0.95 } },
  rate2e3: { ...few, optimiser: { learningRate: 2e-3 } },
};
