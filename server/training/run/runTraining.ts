/** One training from the first step to the exported adapter. Runs in the trainer child; tests run it in their own process. */

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../base/digest.ts';
import { IdiomError } from '../../base/errors.ts';
import { spreadEvenly } from '../../base/spreadEvenly.ts';
import { writeFileAtomic } from '../../base/writeFile.ts';
import { meanOf } from '../../stats/mean.ts';
import { readGgufHeader } from '../../gguf/readHeader.ts';
import { canonicalJson } from '../dataset/canonicalJson.ts';
import { readDataset } from '../dataset/storeDataset.ts';
import type { EvaluationItem, TrainingItem } from '../dataset/trainingItem.ts';
import { exportLoraGguf, exportPeftFolder } from '../lora/exportAdapter.ts';
import type { TrainExample } from '../lora/microBatches.ts';
import type { RunFlag } from '../lora/runFlag.ts';
import { optimiserOptionsSchema } from '../lora/loraOptions.ts';
import { createTrainer } from '../lora/trainer.ts';
import type { Trainer } from '../lora/trainer.ts';
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { countSteps, drawSteps } from './drawSteps.ts';
import { planThreads } from './planThreads.ts';
import { readParent } from './readParent.ts';
import type { TrainingJob, TrainingProgress, TrainingResult } from './trainingJob.ts';
import { beginValidation, casesOnTheWay, endValidation, isLookDue } from './validation.ts';

export interface RunHooks {
  /** Awaited before each layer's computation: may wait to pause, or throw to end; see TrainerOptions. */
  readonly beforeRun: () => Promise<void>;
  /** Lets the training compute in threads of its own, which obey this before each layer; see WorkerOptions. */
  readonly flag?: RunFlag;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Milliseconds that grow while the training computes; a pause does not count. */
  readonly workedMs: () => number;
  /** Bytes that this process takes. */
  readonly memoryBytes: () => number;
}

const checkpointEveryMs = 60_000;
const nTrialSteps = 2;
/** Cases whose likelihood is computed at once, so that each thread has some of them. */
const nCasesAtOnce = 8;

/**
 * Trains, or goes on from the checkpoint of the same job, and exports. Ended at any point, the next call with the same job
 * goes on from the last checkpoint; with a given number of steps it comes to the same adapter.
 * @throws IdiomError `badFile`, `adapterBroken`, `modelUnsupported`, `trainingFailed`, `diskFull`, `notPermitted`; what
 *   `beforeRun` throws.
 */
export async function runTraining(job: TrainingJob, hooks: RunHooks): Promise<TrainingResult> {
  hooks.onProgress({ stage: 'loading', step: 0, nSteps: 0 });
  const dataset = readDataset(job.datasetsFolder, job.datasetDigest);
  const examples = dataset.items.map(toExample);
  const id = digestOf(canonicalJson(job));
  const found = readCheckpoint(job.checkpointPath, id);
  const trainer = await openTrainer(job, hooks);
  try {
    const nSteps = found?.nSteps ?? job.nSteps ?? (await fitBudget(job, trainer, examples, hooks));
    setLength(job, trainer, nSteps);
    if (found === undefined && job.parentPath !== undefined)
      trainer.parameters.set(await readParent(job.parentPath, trainer));
    const evaluation = spreadEvenly(dataset.evaluation, job.nEvaluationCases).map(toEvaluationExample);
    const measure = () =>
      measureNll(trainer, evaluation, () =>
        hooks.onProgress({ stage: 'measuring', step: trainer.state().step, nSteps }),
      );
    const start = found ?? (await begin(job, { trainer, hooks, measure }, nSteps));
    const onTheWay = pick(evaluation, casesOnTheWay(evaluation.length));
    const look = () => measureNll(trainer, onTheWay, () => undefined);
    if (found === undefined) writeCheckpoint(job.checkpointPath, id, start);
    else trainer.restore(found.trainer);
    const end = await takeSteps(job, { id, trainer, examples, hooks, look }, start);
    const nllAfter = await measure();
    hooks.onProgress({ stage: 'saving', step: end.nSteps, nSteps: end.nSteps });
    await exportAll(job, trainer);
    removeCheckpoint(job.checkpointPath);
    const { losses, nTokens, durationMs, nllBefore } = end;
    const nParameters = trainer.layout.nParameters;
    return {
      nSteps: end.nSteps,
      nTokens,
      durationMs,
      nParameters,
      precision: trainer.precision,
      losses: [...losses],
      nllBefore: [...nllBefore],
      nllAfter,
      validation: endValidation(end.validation, end.nSteps, { nllBefore: [...nllBefore], nllAfter }),
    };
  } finally {
    trainer.dispose();
  }
}

async function openTrainer(job: TrainingJob, hooks: RunHooks): Promise<Trainer> {
  return createTrainer({
    base: await readGgufHeader(job.basePath),
    lora: job.lora,
    optimiser: optimiserOptionsSchema.parse(job.optimiser),
    onnx: { threads: job.threads, provider: job.provider },
    precision: job.precision,
    beforeRun: hooks.beforeRun,
    ...(hooks.flag === undefined
      ? {}
      : { workers: { threads: planThreads(job.threads, availableParallelism()), flag: hooks.flag } }),
  });
}

/** The learning rate falls to its end with the last of the steps. */
function setLength({ warmupShare }: TrainingJob, trainer: Trainer, nSteps: number): void {
  trainer.setLength({ totalSteps: nSteps, warmupSteps: Math.round(warmupShare * nSteps) });
}

/** As many steps as the budget has room for, by the time of trial steps that change nothing. */
async function fitBudget(
  job: TrainingJob,
  trainer: Trainer,
  examples: readonly TrainExample[],
  hooks: RunHooks,
): Promise<number> {
  const lengths = lengthsOf(examples);
  let stepMs = Infinity;
  const steps = drawSteps(lengths, job);
  for (let i = 0; i < nTrialSteps; i++) {
    const startMs = hooks.workedMs();
    await trainer.gradients(pick(examples, steps.next().value));
    // The first of them also builds graphs; the fastest says most.
    stepMs = Math.min(stepMs, hooks.workedMs() - startMs);
  }
  return Math.max(1, Math.min(mostSteps(job, lengths), Math.floor(job.budgetMs / stepMs)));
}

/**
 * The machine may have become busier or quieter since the trial: what is left of the budget, by the time that steps took
 * so far. Without a budget the number of steps stays.
 */
function fitRest(job: TrainingJob, lengths: readonly number[], step: number, durationMs: number): number {
  if (job.nSteps !== undefined) return job.nSteps;
  const rest = Math.floor((job.budgetMs - durationMs) / (durationMs / step));
  return Math.max(step, Math.min(mostSteps(job, lengths), step + rest));
}

function mostSteps(job: TrainingJob, lengths: readonly number[]): number {
  return Math.max(1, Math.round(job.maxEpochs * countSteps(lengths, job)));
}

function lengthsOf(examples: readonly TrainExample[]): number[] {
  return examples.map(({ tokens }) => tokens.length);
}

async function begin(
  { budgetMs }: TrainingJob,
  props: Pick<StepsProps, 'trainer' | 'hooks'> & { readonly measure: () => Promise<number[]> },
  nSteps: number,
): Promise<Checkpoint> {
  const { trainer, hooks, measure } = props;
  const startMs = hooks.workedMs();
  const nllBefore = await measure();
  const validation = beginValidation(nllBefore, { tookMs: hooks.workedMs() - startMs, budgetMs });
  return { trainer: trainer.state(), nSteps, losses: [], nTokens: 0, durationMs: 0, nllBefore, validation };
}

interface StepsProps {
  readonly id: string;
  readonly trainer: Trainer;
  readonly examples: readonly TrainExample[];
  readonly hooks: RunHooks;
  /** Measures held-out cases on the way. */
  readonly look: () => Promise<number[]>;
}

async function takeSteps(job: TrainingJob, props: StepsProps, start: Checkpoint): Promise<Checkpoint> {
  const { id, trainer, examples, hooks, look } = props;
  const lengths = lengthsOf(examples);
  const steps = drawSteps(lengths, job);
  const losses = [...start.losses];
  let { nSteps, nTokens, durationMs } = start;
  let validation = start.validation;
  let savedAtMs = hooks.workedMs();
  const now = (): Checkpoint => ({
    ...start,
    ...{ trainer: trainer.state(), nSteps, losses, nTokens, durationMs, validation },
  });
  for (let step = 1; step <= nSteps; step++) {
    const items = steps.next().value;
    if (step <= start.trainer.step) continue;
    const chosen = pick(examples, items);
    const startMs = hooks.workedMs();
    const done = await trainer.step(chosen).catch((error: unknown) => {
      throw keepEvidence(job, error, { step, items, losses });
    });
    losses.push(done.loss);
    nTokens += done.nTokens;
    const nowMs = hooks.workedMs();
    durationMs += nowMs - startMs;
    hooks.onProgress({
      ...{ stage: 'training', step, nSteps, loss: done.loss },
      tokensPerSecond: (1000 * nTokens) / durationMs,
      secondsLeft: ((durationMs / step) * (nSteps - step)) / 1000,
    });
    checkMemory(job, hooks.memoryBytes());
    if (isLookDue(validation, step, nSteps))
      validation = [...validation, { step, nll: meanOf(await look()) }];
    if (nowMs - savedAtMs < checkpointEveryMs) continue;
    nSteps = fitRest(job, lengths, step, durationMs);
    setLength(job, trainer, nSteps);
    writeCheckpoint(job.checkpointPath, id, now());
    savedAtMs = nowMs;
  }
  const end = now();
  writeCheckpoint(job.checkpointPath, id, end);
  return end;
}

/**
 * A loss that is not finite comes again at each try. What was read in that step, and how it came to it, is kept beside the
 * checkpoint, which has the numbers before it.
 */
function keepEvidence(
  { checkpointPath, datasetDigest, optimiser }: TrainingJob,
  error: unknown,
  at: { readonly step: number; readonly items: readonly number[]; readonly losses: readonly number[] },
): unknown {
  if (!(error instanceof IdiomError) || error.code !== 'trainingFailed') return error;
  const path = `${checkpointPath}.failed.json`;
  const evidence = { message: error.message, ...at, datasetDigest, optimiser };
  writeFileAtomic(path, `${JSON.stringify(evidence, undefined, 2)}\n`);
  return new IdiomError('trainingFailed', `${error.message} The step is described in ${path}.`, {
    remedy: error.remedy ?? '',
    cause: error,
  });
}

function checkMemory({ maxMemoryBytes = Infinity }: TrainingJob, memoryBytes: number): void {
  if (memoryBytes <= maxMemoryBytes) return;
  const [taken, most] = [memoryBytes, maxMemoryBytes].map((bytes) => Math.round(bytes / 1e6));
  throw new IdiomError(
    'trainingFailed',
    `Training takes ${taken} MB of memory, and ${most} MB are allowed.`,
    {
      remedy: 'Allow more, train fewer layers, or choose a smaller base model.',
    },
  );
}

/** Mean over the middle's tokens, one number a case. */
async function measureNll(
  trainer: Trainer,
  evaluation: readonly TrainExample[],
  tell: () => void,
): Promise<number[]> {
  const means: number[] = [];
  for (let start = 0; start < evaluation.length; start += nCasesAtOnce) {
    tell();
    const examples = evaluation.slice(start, start + nCasesAtOnce);
    const nlls = await trainer.evaluate(examples);
    examples.forEach(({ lossWeights }, i) => means.push(meanOfCounted(nlls[i] ?? [], lossWeights)));
  }
  return means;
}

function meanOfCounted(nll: ArrayLike<number>, lossWeights: TrainExample['lossWeights']): number {
  const counted = Array.from(nll).filter((_, i) => (lossWeights[i] ?? 0) > 0);
  return counted.reduce((sum, value) => sum + value, 0) / Math.max(1, counted.length);
}

async function exportAll(job: TrainingJob, trainer: Trainer): Promise<void> {
  const { shape, lora, layout, parameters } = trainer;
  const adapter = { shape, lora, layout, parameters };
  mkdirSync(job.outFolder, { recursive: true, mode: 0o700 });
  exportPeftFolder(job.outFolder, adapter, job.baseName);
  await exportLoraGguf(join(job.outFolder, 'adapter.gguf'), adapter, 'F16');
}

function toExample({ tokens, lossWeights, weight }: TrainingItem): TrainExample {
  return { tokens, lossWeights: weight === 1 ? lossWeights : lossWeights.map((each) => each * weight) };
}

function toEvaluationExample({ promptTokens, middleTokens }: EvaluationItem): TrainExample {
  return {
    tokens: [...promptTokens, ...middleTokens],
    lossWeights: [...promptTokens.map(() => 0), ...middleTokens.map(() => 1)],
  };
}

function pick(examples: readonly TrainExample[], idxs: readonly number[]): TrainExample[] {
  return idxs.flatMap((idx) => examples[idx] ?? []);
}
