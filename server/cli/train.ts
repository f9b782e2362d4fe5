/** `idiom train`: a dataset from the repository's history, an adapter from the dataset, and what it brings on newer lines. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import { openRepository } from '../git/repository.ts';
import type { Repository } from '../git/repository.ts';
import { datasetSizeFor } from '../learning/datasetSize.ts';
import { trainRepository } from '../learning/trainRepository.ts';
import type { TrainedRepository, TrainRepositoryProps } from '../learning/trainRepository.ts';
import { defaultTrainingSettings } from '../learning/trainingSettings.ts';
import type { TrainingSettings } from '../learning/trainingSettings.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { findTaskAdapter } from '../registry/taskAdapter.ts';
import { refusalError } from '../training/dataset/buildDataset.ts';
import type { Dataset } from '../training/dataset/dataset.ts';
import { defaultDatasetSettings } from '../training/dataset/datasetSettings.ts';
import { readReplayFile } from '../training/dataset/replayFile.ts';
import type { TrainingResult } from '../training/run/trainingJob.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
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
  readonly fresh?: boolean;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly json?: boolean;
}

export interface TrainingReport {
  readonly adapter: string;
  /** Absent: it started from the base model. */
  readonly parent?: string;
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
    .option('--fresh', 'start from the base model, not from the task adapter')
    .option('--rank <n>', 'rank of a fresh adapter', wholeNumber(1, 256), 16)
    .option('--first-layer <n>', 'layers below it carry no adapter, of a fresh one', wholeNumber(0, 1000), 8)
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
    const parent = flags.fresh === true ? undefined : findParent(suggester, context);
    const trained = await trainRepository(propsOf(flags, context, { repository, suggester, parent }));
    if (trained.kind === 'refused') throw refusalError(trained);
    const { adapter, dataset, training } = trained;
    const comparison = await compareOnCases({
      cases: dataset.evaluation.map((each) => each.case),
      nllBefore: training.nllBefore,
      nllAfter: training.nllAfter,
      commit: dataset.manifest.split.trainingHead,
      suggester,
      before: parent === undefined ? undefined : { digest: parent.digest, path: parent.ggufPath },
      after: { digest: adapter.digest, path: adapter.ggufPath },
      nCases: flags.evalCases,
      ...{ repoName: repo.name, maxPromptTokens, maxNewTokens },
      onProgress: (nDone, nAll) => context.remark(`${nDone} of ${nAll} held-out lines completed`),
      signal: context.signal,
    });
    return reportOf(trained, parent, comparison);
  } finally {
    suggester.dispose();
  }
}

/** What serves until something better is learned. */
function findParent({ info }: OwnSuggester, { mediaDir }: CliContext): StoredAdapter | undefined {
  return findTaskAdapter(join(mediaDir, 'taskAdapter'), info.digest);
}

function propsOf(
  flags: TrainFlags,
  context: CliContext,
  {
    repository,
    suggester,
    parent,
  }: { repository: Repository; suggester: OwnSuggester; parent: StoredAdapter | undefined },
): TrainRepositoryProps {
  const replayPath = join(context.mediaDir, 'taskAdapter', 'replay.jsonl.gz');
  return {
    repository,
    info: suggester.info,
    tokenizer: suggester.engine,
    folders: context.folders,
    parent,
    replay: parent === undefined ? [] : readReplayFile(replayPath),
    settingGlobs: [],
    settings: settingsOf(flags),
    datasetSettings: datasetSizeFor(defaultDatasetSettings, flags.budgetMinutes * 60_000),
    budgetMs: flags.budgetMinutes * 60_000,
    seed: flags.seed,
    asOf: flags.asOf,
    idiomVersion: context.version,
    nowMs: () => context.nowMs(),
    logger: context.logger,
    onProgress: createTeller(context),
    signal: context.signal,
  };
}

function settingsOf(flags: TrainFlags): TrainingSettings {
  const { lora, optimiser } = defaultTrainingSettings;
  const learningRate = Number(flags.learningRate);
  if (!(learningRate > 0))
    throw new IdiomError('wrongUse', `The learning rate ${flags.learningRate} is no number above 0.`);
  return {
    ...defaultTrainingSettings,
    lora: { ...lora, r: flags.rank, loraAlpha: 2 * flags.rank, firstLayer: flags.firstLayer },
    optimiser: { ...optimiser, learningRate },
    threads: flags.threads,
  };
}

/** A line for every tenth of the dataset, and every five seconds of training. */
function createTeller(context: CliContext): TrainRepositoryProps['onProgress'] {
  let told = '';
  let toldAtMs = -Infinity;
  return (each) => {
    if (each.kind === 'dataset') {
      const { stage, nDone, nAll } = each;
      const tenth = Math.floor((10 * nDone) / Math.max(1, nAll));
      if (told === `${stage}${tenth}`) return;
      told = `${stage}${tenth}`;
      context.remark(`Building the dataset: ${stage}, ${nDone} of ${nAll}`);
      return;
    }
    const isLast = each.progress.step === each.progress.nSteps;
    if (context.nowMs() - toldAtMs < 5000 && !isLast) return;
    toldAtMs = context.nowMs();
    context.remark(describeTrainingProgress(each.progress));
  };
}

function reportOf(
  { adapter, datasetDigest, dataset, training }: Extract<TrainedRepository, { kind: 'trained' }>,
  parent: StoredAdapter | undefined,
  comparison: Comparison,
): TrainingReport {
  const { nSteps, nTokens, durationMs, losses, nParameters } = training;
  return {
    adapter: adapter.digest,
    ...(parent === undefined ? {} : { parent: parent.digest }),
    folder: adapter.folder,
    dataset: datasetDigest,
    manifest: dataset.manifest,
    training: { nSteps, nTokens, durationMs, losses, nParameters },
    comparison,
  };
}
