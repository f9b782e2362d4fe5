/** Numbers of learning that an expert may change for this machine, in a file; docs/learning-loop.md names them. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { IdiomError, systemCode } from '../base/errors.ts';
import { defaultGateSettings } from '../evaluation/gateSettings.ts';
import type { GateSettings } from '../evaluation/gateSettings.ts';
import { defaultDatasetSettings } from '../training/dataset/datasetSettings.ts';
import type { DatasetSettings } from '../training/dataset/datasetSettings.ts';
import { defaultCanaryRules } from './judgeCanary.ts';
import type { CanaryRules } from './judgeCanary.ts';
import { defaultTrainingSettings } from './trainingSettings.ts';
import type { TrainingSettings } from './trainingSettings.ts';

export interface LoopOptions {
  readonly training: TrainingSettings;
  readonly dataset: DatasetSettings;
  readonly gate: GateSettings;
  readonly canary: CanaryRules;
  /** Held-out lines that the gate lets both adapters complete. */
  readonly nCompleted: number;
  /** Cases of the frozen set and of other repositories; absent: as gather.ts says. */
  readonly nFrozen?: number | undefined;
  readonly nOutside?: number | undefined;
}

export const defaultLoopOptions: LoopOptions = {
  training: defaultTrainingSettings,
  dataset: defaultDatasetSettings,
  gate: defaultGateSettings,
  canary: defaultCanaryRules,
  nCompleted: 48,
};

/** The names of the defaults with numbers in the place of numbers; all may be left out. */
function numbersOf(defaults: object) {
  const shape = Object.entries(defaults)
    .filter(([, value]) => typeof value === 'number')
    .map(([name]) => [name, z.number()] as const);
  return z.strictObject(Object.fromEntries(shape)).partial().default({});
}

const schema = z.strictObject({
  training: z
    .strictObject({
      tokensPerStep: z.int().min(1),
      maxEpochs: z.number().positive(),
      nEvaluationCases: z.int().min(0),
      threads: z.int().min(0),
      nSteps: z.int().min(1),
      r: z.int().min(1).max(256),
      firstLayer: z.int().min(0),
      learningRate: z.number().positive(),
    })
    .partial()
    .default({}),
  dataset: numbersOf(defaultDatasetSettings),
  gate: numbersOf(defaultGateSettings),
  canary: numbersOf(defaultCanaryRules),
  nCompleted: z.int().min(0).default(defaultLoopOptions.nCompleted),
  nFrozen: z.int().min(0).optional(),
  nOutside: z.int().min(0).optional(),
});

/**
 * The defaults where there is no file.
 * @throws IdiomError `badFile` that names what is wrong, so that a slip does not go unnoticed.
 */
export function readLoopOptions(path: string): LoopOptions {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return defaultLoopOptions;
    throw bad(path, 'it cannot be read', error);
  }
  try {
    return merge(schema.parse(JSON.parse(text)));
  } catch (error) {
    throw bad(path, error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON', error);
  }
}

function merge(wish: z.infer<typeof schema>): LoopOptions {
  const { r, firstLayer, learningRate, nSteps, ...training } = wish.training;
  const { lora, optimiser } = defaultTrainingSettings;
  const defined = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return {
    training: {
      ...defaultTrainingSettings,
      ...defined(training),
      ...(nSteps === undefined ? {} : { nSteps }),
      lora: {
        ...lora,
        ...(r === undefined ? {} : { r, loraAlpha: 2 * r }),
        ...(firstLayer === undefined ? {} : { firstLayer }),
      },
      optimiser: { ...optimiser, ...(learningRate === undefined ? {} : { learningRate }) },
    },
    dataset: { ...defaultDatasetSettings, ...wish.dataset },
    gate: { ...defaultGateSettings, ...wish.gate },
    canary: { ...defaultCanaryRules, ...wish.canary },
    ...{ nCompleted: wish.nCompleted, nFrozen: wish.nFrozen, nOutside: wish.nOutside },
  };
}

function bad(path: string, why: string, cause: unknown): IdiomError {
  return new IdiomError('badFile', `The file ${path} is not used: ${why}.`, {
    remedy: 'Correct it or remove it, then start Idiom again.',
    cause,
  });
}
