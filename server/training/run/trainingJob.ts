/** What a training is told and what it tells: the messages between the trainer child and whoever started it. */

import { z } from 'zod';
import { loraOptionsSchema, optimiserOptionsSchema } from '../lora/loraOptions.ts';

export const trainingJobSchema = z.strictObject({
  /** GGUF file of the base model, the one that is served. */
  basePath: z.string(),
  baseName: z.string(),
  datasetsFolder: z.string(),
  datasetDigest: z.string(),
  /** GGUF file of the adapter to start from; absent: a fresh one. */
  parentPath: z.string().optional(),
  lora: loraOptionsSchema,
  /** Without the number of steps, which follows from the budget. */
  optimiser: optimiserOptionsSchema.omit({ totalSteps: true, warmupSteps: true }),
  /** Share of the steps over which the learning rate grows. */
  warmupShare: z.number().min(0).max(1).default(0.1),
  tokensPerStep: z.int().min(1).default(2048),
  /** The dataset is read at most this often. */
  maxEpochs: z.number().positive().default(3),
  /** Time for the steps alone. The number of steps follows from the time of two trial steps, then from that of all before. */
  budgetMs: z.number().positive(),
  /** Instead of a budget: this many steps, so that another run gives the same adapter. */
  nSteps: z.int().min(1).optional(),
  seed: z.int().min(0).default(0),
  /** 0: all that onnxruntime would take. */
  threads: z.int().min(0).default(0),
  provider: z.enum(['cpu', 'webgpu', 'cuda', 'dml']).default('cpu'),
  /**
   * How weights that are not trained are multiplied. "int8" learns as much in less time, see docs/training.md; where a
   * provider or processor cannot, it is "float32" after all, as the result says.
   */
  precision: z.enum(['float32', 'int8']).default('int8'),
  /** The training ends with a reason when its process takes more. */
  maxMemoryBytes: z.number().positive().optional(),
  /** Held-out cases whose likelihood is measured before and after. */
  nEvaluationCases: z.int().min(0).default(60),
  checkpointPath: z.string(),
  /** Gets the PEFT folder and `adapter.gguf`; must not exist or be empty. */
  outFolder: z.string(),
});

export type TrainingJob = z.infer<typeof trainingJobSchema>;

export const toTrainerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), job: trainingJobSchema }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('resume') }),
  z.strictObject({ type: z.literal('cancel') }),
]);
export type ToTrainer = z.infer<typeof toTrainerSchema>;

const progressSchema = z.object({
  stage: z.enum(['loading', 'measuring', 'training', 'saving']),
  step: z.int(),
  /** 0 while it is not known. */
  nSteps: z.int(),
  /** Of the last step, in nats per token, by weight. */
  loss: z.number().optional(),
  /** Of the steps so far. */
  tokensPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
});
export type TrainingProgress = z.infer<typeof progressSchema>;

/** What the trainer process takes; told every few seconds and at the end. */
const loadSchema = z.object({
  /** Processor time of all its threads since it began, in milliseconds. */
  cpuMs: z.number(),
  /** Time since it began, pauses not counted. */
  workedMs: z.number(),
  /** Threads that compute. */
  nThreads: z.int().min(1),
});
export type TrainerLoad = z.infer<typeof loadSchema>;

const resultSchema = z.object({
  nSteps: z.int(),
  nTokens: z.int(),
  /** Of the steps alone, in this process and those before it. */
  durationMs: z.number(),
  /** One a step. */
  losses: z.array(z.number()),
  nParameters: z.int(),
  /** What was computed in. */
  precision: z.enum(['float32', 'int8']),
  /** Mean NLL in nats per token of the true middle, one number an evaluation case: with the parent (or the base) and now. */
  nllBefore: z.array(z.number()),
  nllAfter: z.array(z.number()),
  /** Mean NLL in nats per token of some of these cases after so many steps, before the first and after the last among them. */
  validation: z.array(z.object({ step: z.int(), nll: z.number() })),
});
export type TrainingResult = z.infer<typeof resultSchema>;

export const fromTrainerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('load'), load: loadSchema }),
  z.object({ type: z.literal('done'), result: resultSchema }),
  z.object({
    type: z.literal('failed'),
    code: z.string(),
    message: z.string(),
    remedy: z.string().optional(),
  }),
  z.object({ type: z.literal('cancelled') }),
]);
export type FromTrainer = z.infer<typeof fromTrainerSchema>;
