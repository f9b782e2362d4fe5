/** `idiom train`: a dataset from the repository's history, an adapter from the dataset, and what it brings on newer lines. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import { digestOf } from '../base/digest.ts';
import { openRepository } from '../git/repository.ts';
import type { Repository } from '../git/repository.ts';
import { createFreshRetriever } from '../training/dataset/freshRetriever.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import { storeAdapter } from '../registry/adapterStore.ts';
import type { LineageToStore, StoredAdapter } from '../registry/adapterStore.ts';
import { buildDataset, refusalError } from '../training/dataset/buildDataset.ts';
import type { Dataset } from '../training/dataset/dataset.ts';
import { defaultDatasetSettings } from '../training/dataset/datasetSettings.ts';
import { storeDataset } from '../training/dataset/storeDataset.ts';
import { canonicalJson } from '../training/dataset/canonicalJson.ts';
import { startTraining } from '../training/run/trainerProcess.ts';
import { trainingJobSchema } from '../training/run/trainingJob.ts';
import type { TrainingJob, TrainingResult } from '../training/run/trainingJob.ts';
import type { CliContext, CliRepo, OwnSuggester } from './cliContext.ts';
import { adaptersFolder } from './chooseAdapter.ts';
import { compareOnCases } from './compareOnCases.ts';
import type { Comparison } from './compareOnCases.ts';
import { describeTraining, describeTrainingProgress } from './describeTraining.ts';
import { wholeNumber } from './wholeNumber.ts';

export interface TrainFlags {
  readonly budgetMinutes: number;
  readonly asOf?: string;
  readonly evalCases: number;
  readonly rank: number;
  readonly firstLayer: number;
  readonly learningRate: string;
  readonly threads: number;
  readonly seed: number;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly json?: boolean;
}

export interface TrainingReport {
  readonly adapter: string;
  readonly folder: string;
  readonly dataset: string;
  readonly manifest: Dataset['manifest'];
  readonly training: Omit<TrainingResult, 'nllBefore' | 'nllAfter'>;
  readonly comparison: Comparison;
}

const maxPromptTokens = 1024;
const maxNewTokens = 48;

export function registerTrain(program: Command, context: CliContext): void {
  program
    .command('train')
    .description(
      "train an adapter on the repository's history, and measure it on lines newer than all it learned",
    )
    .option('--budget-minutes <n>', 'time for the training itself', wholeNumber(1, 10_000), 15)
    .option('--as-of <commit>', 'learn from history up to this commit (default: HEAD)')
    .option(
      '--eval-cases <n>',
      'held-out lines that are completed with and without',
      wholeNumber(0, 10_000),
      60,
    )
    .option('--rank <n>', 'rank of the adapter', wholeNumber(1, 256), 16)
    .option('--first-layer <n>', 'layers below it carry no adapter', wholeNumber(0, 1000), 0)
    .option('--learning-rate <x>', 'height of the learning rate', '4e-4')
    .option('--threads <n>', 'processor threads, 0 for all', wholeNumber(0, 1024), 0)
    .option('--seed <n>', 'which examples are drawn, in which order', wholeNumber(0, 2 ** 31), 0)
    .option('--base-model <ref>', 'auto, embedded, a GGUF file, hf:owner/repo/file or ollama:name', 'auto')
    .option('--get-model', 'download the base model if it is not here')
    .option('--json', 'answer as JSON')
    .action(async (flags: TrainFlags) => {
      const report = await train(flags, context);
      if (flags.json === true) context.write(JSON.stringify(report));
      else for (const line of describeTraining(report)) context.write(line);
    });
}

/** @throws IdiomError with the dataset's reasons when there is too little to learn from. */
export async function train(flags: TrainFlags, context: CliContext): Promise<TrainingReport> {
  const repo = await context.repo();
  const repository = await openRepository(repo.root);
  if (repository === undefined)
    throw new IdiomError(
      'wrongUse',
      `${repo.root} is in no git repository, and training needs its history.`,
      {
        remedy: 'Name a repository with --repo.',
      },
    );
  const suggester = await context.openSuggester({
    baseModel: flags.baseModel,
    downloads: flags.getModel === true ? 'always' : 'never',
    ...{ maxPromptTokens, maxNewTokens, repo },
  });
  try {
    const dataset = await build(repository, suggester, flags, context);
    const stored = storeDataset(join(context.folders.data, 'datasets'), dataset);
    const job = jobOf(flags, suggester, stored.digest, context);
    const training = await runJob(job, context);
    const adapter = await storeAdapter(
      adaptersFolder(context.folders.data),
      job.outFolder,
      lineageOf(job, repo, dataset, suggester, context),
    );
    const comparison = await compareOnCases({
      cases: dataset.evaluation.map((each) => each.case),
      nllBefore: training.nllBefore,
      nllAfter: training.nllAfter,
      commit: dataset.manifest.split.trainingHead,
      suggester,
      adapter: { digest: adapter.digest, path: adapter.ggufPath },
      nCases: flags.evalCases,
      ...{ repoName: repo.name, maxPromptTokens, maxNewTokens },
      onProgress: (nDone, nAll) => context.remark(`${nDone} of ${nAll} held-out lines completed`),
      signal: context.signal,
    });
    return reportOf(adapter, stored.digest, dataset, training, comparison);
  } finally {
    suggester.dispose();
  }
}

async function build(
  repository: Repository,
  suggester: OwnSuggester,
  flags: TrainFlags,
  context: CliContext,
): Promise<Dataset> {
  const { info, engine } = suggester;
  const { logger, signal } = context;
  // Ranking depends on all that an index has ever read, so a shared one would give another dataset each time.
  const retriever = createFreshRetriever({
    repository,
    cacheFolder: context.folders.cache,
    settingGlobs: [],
    logger,
    nowMs: () => context.nowMs(),
  });
  let told = '';
  const built = await buildDataset(
    {
      repository,
      retriever,
      tokenizer: engine,
      bound: chooseFimFormat(info),
      baseModel: { digest: info.digest, name: info.name, architecture: info.architecture },
      replay: [],
      settingGlobs: [],
    },
    {
      settings: defaultDatasetSettings,
      seed: flags.seed,
      ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }),
      onProgress({ stage, nDone, nAll }) {
        const tenth = Math.floor((10 * nDone) / Math.max(1, nAll));
        if (told === `${stage}${tenth}`) return;
        told = `${stage}${tenth}`;
        context.remark(`Building the dataset: ${stage}, ${nDone} of ${nAll}`);
      },
      signal,
    },
  ).finally(() => retriever.dispose());
  if (built.kind === 'refused') throw refusalError(built);
  return built.dataset;
}

function jobOf(
  flags: TrainFlags,
  suggester: OwnSuggester,
  datasetDigest: string,
  context: CliContext,
): TrainingJob {
  const learningRate = Number(flags.learningRate);
  if (!(learningRate > 0))
    throw new IdiomError('wrongUse', `The learning rate ${flags.learningRate} is no number above 0.`);
  const { seed, threads } = flags;
  const job = trainingJobSchema.parse({
    basePath: suggester.info.path,
    baseName: suggester.info.name,
    datasetsFolder: join(context.folders.data, 'datasets'),
    datasetDigest,
    lora: { r: flags.rank, loraAlpha: 2 * flags.rank, firstLayer: flags.firstLayer, seed },
    optimiser: { learningRate, schedule: 'cosine', finalFraction: 0.1 },
    budgetMs: flags.budgetMinutes * 60_000,
    ...{ seed, threads },
    checkpointPath: '',
    outFolder: '',
  });
  // The same job finds its checkpoint again.
  const name = digestOf(canonicalJson(job)).slice(0, 16);
  const folder = join(context.folders.cache, 'trainings');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const outFolder = join(folder, `${name}.out`);
  rmSync(outFolder, { recursive: true, force: true });
  return { ...job, checkpointPath: join(folder, `${name}.checkpoint`), outFolder };
}

async function runJob(job: TrainingJob, context: CliContext): Promise<TrainingResult> {
  let toldAtMs = -Infinity;
  const running = startTraining(
    job,
    (progress) => {
      const isLast = progress.step === progress.nSteps;
      if (context.nowMs() - toldAtMs < 5000 && !isLast) return;
      toldAtMs = context.nowMs();
      context.remark(describeTrainingProgress(progress));
    },
    context.signal,
  );
  return running.result;
}

function lineageOf(
  job: TrainingJob,
  repo: CliRepo,
  dataset: Dataset,
  suggester: OwnSuggester,
  context: CliContext,
): LineageToStore {
  const { lora, optimiser, seed, provider } = job;
  return {
    repoId: repo.repoId,
    repoName: repo.name,
    asOf: dataset.manifest.asOf,
    baseDigest: suggester.info.digest,
    baseName: suggester.info.name,
    datasetDigest: job.datasetDigest,
    idiomVersion: context.version,
    createdAtMs: context.nowMs(),
    ...{ lora, optimiser, seed, provider },
  };
}

function reportOf(
  adapter: StoredAdapter,
  datasetDigest: string,
  { manifest }: Dataset,
  { nSteps, nTokens, durationMs, losses, nParameters }: TrainingResult,
  comparison: Comparison,
): TrainingReport {
  return {
    adapter: adapter.digest,
    folder: adapter.folder,
    dataset: datasetDigest,
    manifest,
    training: { nSteps, nTokens, durationMs, losses, nParameters },
    comparison,
  };
}
