/** What `idiom train` and `idiom learn` have in common: their options, and a training's properties out of them. */

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { IdiomError } from '../base/errors.ts';
import type { Repository } from '../git/repository.ts';
import { datasetSizeFor } from '../learning/datasetSize.ts';
import type { TrainRepositoryProps } from '../learning/trainRepository.ts';
import { defaultTrainingSettings } from '../learning/trainingSettings.ts';
import type { TrainingSettings } from '../learning/trainingSettings.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { findTaskAdapter, taskAdapterFiles } from '../registry/taskAdapter.ts';
import { defaultDatasetSettings } from '../training/dataset/datasetSettings.ts';
import { readReplayFile } from '../training/dataset/replayFile.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { openKnown } from './findRepo.ts';
import { describeTrainingProgress } from './describeTraining.ts';
import { wholeNumber } from './wholeNumber.ts';

export interface TrainingFlags {
  readonly budgetMinutes: number;
  readonly asOf?: string;
  readonly evalCases: number;
  readonly heldOutLines: number;
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

export const maxPromptTokens = 1024;
export const maxNewTokens = 48;

export function addTrainingOptions(command: Command): Command {
  return command
    .option('--budget-minutes <n>', 'time for the training itself', minutes, 15)
    .option('--as-of <commit>', 'learn from history up to this commit (default: HEAD)')
    .option('--held-out-lines <n>', 'newest lines that are measured on', wholeNumber(20, 10_000), 100)
    .option('--eval-cases <n>', 'held-out lines that are completed too', wholeNumber(0, 10_000), 48)
    .option('--fresh', 'start from the base model, not from what serves')
    .option('--rank <n>', 'rank of a fresh adapter', wholeNumber(1, 256), 16)
    .option('--first-layer <n>', 'layers below it carry no adapter, of a fresh one', wholeNumber(0, 1000), 8)
    .option('--learning-rate <x>', 'height of the learning rate', String(defaultLearningRate))
    .option('--threads <n>', 'processor threads, 0 for all', wholeNumber(0, 1024), 0)
    .option('--seed <n>', 'which examples are drawn, in which order', wholeNumber(0, 2 ** 31), 0)
    .option('--base-model <ref>', 'auto, embedded, a GGUF file, hf:owner/repo/file or ollama:name', 'auto')
    .option('--get-model', 'download the base model if it is not here')
    .option('--json', 'answer as JSON');
}

const defaultLearningRate = defaultTrainingSettings.optimiser.learningRate;

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a number of minutes above 0, for example 15 or 0.5.');
}

/** @throws IdiomError `wrongUse` outside of git. */
export async function openHistory(context: CliContext, what: string): Promise<Repository> {
  const repo = await context.repo();
  const repository = await openKnown(repo);
  if (repository !== undefined) return repository;
  throw new IdiomError('wrongUse', `${repo.root} is in no git repository, and ${what} needs its history.`, {
    remedy: 'Name a repository with --repo.',
  });
}

/** For reading the loaded model's answers with the whole prompt. */
export async function openTrainingSuggester(
  flags: TrainingFlags,
  context: CliContext,
): Promise<OwnSuggester> {
  return context.openSuggester({
    baseModel: flags.baseModel,
    downloads: flags.getModel === true ? 'always' : 'never',
    ...{ maxPromptTokens, maxNewTokens, repo: await context.repo() },
  });
}

/** What serves a repository that has learned nothing yet. */
export function findTask({ info }: OwnSuggester, { mediaDir }: CliContext): StoredAdapter | undefined {
  return findTaskAdapter(mediaDir, info.digest);
}

export interface TrainingParts {
  readonly repository: Repository;
  readonly suggester: OwnSuggester;
  readonly parent: StoredAdapter | undefined;
  /** Held-out cases that the trainer itself measures, before and after; a gate measures more. */
  readonly nMeasured: number;
}

/** @throws IdiomError `wrongUse` for a learning rate that is none, `badFile` when the replay examples are damaged. */
export function trainingProps(
  flags: TrainingFlags,
  context: CliContext,
  { repository, suggester, parent, nMeasured }: TrainingParts,
): TrainRepositoryProps {
  const replayPath = taskAdapterFiles(context.mediaDir).replay;
  const budgetMs = flags.budgetMinutes * 60_000;
  return {
    repository,
    info: suggester.info,
    tokenizer: suggester.engine,
    folders: context.folders,
    parent,
    replay: parent === undefined ? [] : readReplayFile(replayPath),
    settingGlobs: [],
    settings: { ...settingsOf(flags), nEvaluationCases: nMeasured },
    datasetSettings: {
      ...datasetSizeFor(defaultDatasetSettings, budgetMs),
      nEvaluationCases: flags.heldOutLines,
    },
    budgetMs,
    seed: flags.seed,
    asOf: flags.asOf,
    idiomVersion: context.version,
    nowMs: () => context.nowMs(),
    logger: context.logger,
    onProgress: createTeller(context),
    signal: context.signal,
  };
}

function settingsOf(flags: TrainingFlags): TrainingSettings {
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
