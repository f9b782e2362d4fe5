/** One training of a repository from its history to a stored adapter: dataset, trainer child, registry folder. Judges nothing. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../base/digest.ts';
import type { Logger } from '../base/logger.ts';
import type { Repository } from '../git/repository.ts';
import type { BaseModelInfo } from '../llama/engine.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import type { Tokenizer } from '../prompt/promptParts.ts';
import { storeAdapter } from '../registry/adapterStore.ts';
import type { LineageToStore, StoredAdapter } from '../registry/adapterStore.ts';
import { buildDataset } from '../training/dataset/buildDataset.ts';
import type { BuiltDataset, DatasetStage } from '../training/dataset/buildDataset.ts';
import { canonicalJson } from '../training/dataset/canonicalJson.ts';
import type { Dataset } from '../training/dataset/dataset.ts';
import type { DatasetSettings } from '../training/dataset/datasetSettings.ts';
import type { Example } from '../training/dataset/example.ts';
import type { OutcomeExample } from '../training/dataset/outcomeExamples.ts';
import { createFreshRetriever } from '../training/dataset/freshRetriever.ts';
import { storeDataset } from '../training/dataset/storeDataset.ts';
import { startTraining } from '../training/run/trainerProcess.ts';
import type { RunningTraining } from '../training/run/trainerProcess.ts';
import { trainingJobSchema } from '../training/run/trainingJob.ts';
import type {
  TrainerLoad,
  TrainingJob,
  TrainingProgress,
  TrainingResult,
} from '../training/run/trainingJob.ts';
import type { TrainingSettings } from './trainingSettings.ts';

export interface TrainRepositoryProps {
  readonly repository: Repository;
  /** The base model that is loaded, and its tokenizer. */
  readonly info: BaseModelInfo;
  readonly tokenizer: Tokenizer;
  /** Ground state, where datasets and adapters go; derived state, for the index and checkpoints. */
  readonly folders: { readonly data: string; readonly cache: string };
  /** Where training starts; undefined: a fresh adapter over the base model. */
  readonly parent: StoredAdapter | undefined;
  /** Generic examples, from which some are drawn against forgetting; see replayFile.ts. */
  readonly replay: readonly Example[];
  /** What a developer accepted, corrected or praised; see outcomeExamples.ts. */
  readonly extraExamples?: readonly OutcomeExample[] | undefined;
  /** Patterns from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
  readonly settings: TrainingSettings;
  readonly datasetSettings: DatasetSettings;
  readonly budgetMs: number;
  /** Same seed, same commit, same adapter. */
  readonly seed: number;
  /** Commit-ish; nothing newer is looked at. Default HEAD. */
  readonly asOf?: string | undefined;
  readonly idiomVersion: string;
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly onProgress: (progress: RepositoryTrainingProgress) => void;
  /** What the trainer child takes of the processor, every few seconds. */
  readonly onLoad?: (load: TrainerLoad) => void;
  /** The dataset is stored, and the child runs: lends it, to pause and resume it. */
  readonly onTrainer?: (running: RunningTraining, datasetDigest: string) => void;
  readonly signal: AbortSignal;
}

export type RepositoryTrainingProgress =
  | {
      readonly kind: 'dataset';
      readonly stage: DatasetStage;
      readonly nDone: number;
      readonly nAll: number;
    }
  | { readonly kind: 'training'; readonly progress: TrainingProgress };

export type TrainedRepository =
  | {
      readonly kind: 'trained';
      readonly adapter: StoredAdapter;
      readonly dataset: Dataset;
      readonly datasetDigest: string;
      readonly training: TrainingResult;
    }
  /** There is too little to learn from. `reasons` are sentences. */
  | Extract<BuiltDataset, { kind: 'refused' }>;

/**
 * Ended at any point, the same call goes on from the last checkpoint and comes to the same adapter.
 * @throws the signal's reason when aborted; IdiomError of buildDataset, startTraining and storeAdapter.
 */
export async function trainRepository(props: TrainRepositoryProps): Promise<TrainedRepository> {
  const built = await build(props);
  if (built.kind === 'refused') return built;
  const { dataset } = built;
  const { digest: datasetDigest } = storeDataset(datasetsFolder(props.folders.data), dataset);
  const job = jobOf(props, datasetDigest);
  const running = startTraining(
    job,
    (progress) => props.onProgress({ kind: 'training', progress }),
    props.signal,
    props.onLoad,
  );
  props.onTrainer?.(running, datasetDigest);
  const training = await running.result;
  const adapter = await storeAdapter(
    adaptersFolder(props.folders.data),
    job.outFolder,
    lineageOf(props, job, dataset, training),
  );
  return { kind: 'trained', adapter, dataset, datasetDigest, training };
}

export function adaptersFolder(dataFolder: string): string {
  return join(dataFolder, 'adapters');
}

export function datasetsFolder(dataFolder: string): string {
  return join(dataFolder, 'datasets');
}

function build(props: TrainRepositoryProps): Promise<BuiltDataset> {
  const { repository, info, tokenizer, replay, extraExamples = [], settingGlobs, seed, asOf, signal } = props;
  // Ranking depends on all that an index has ever read, so a shared one would give another dataset each time.
  const retriever = createFreshRetriever({
    repository,
    cacheFolder: props.folders.cache,
    settingGlobs,
    logger: props.logger,
    nowMs: props.nowMs,
  });
  return buildDataset(
    {
      ...{ repository, retriever, tokenizer, replay, extraExamples, settingGlobs },
      bound: chooseFimFormat(info),
      baseModel: { digest: info.digest, name: info.name, architecture: info.architecture },
    },
    {
      settings: props.datasetSettings,
      ...{ seed, signal },
      ...(asOf === undefined ? {} : { asOf }),
      onProgress: (progress) => props.onProgress({ kind: 'dataset', ...progress }),
    },
  ).finally(() => retriever.dispose());
}

function jobOf(props: TrainRepositoryProps, datasetDigest: string): TrainingJob {
  const { info, parent, settings, seed } = props;
  const { lora, nSteps, ...rest } = settings;
  const job = trainingJobSchema.parse({
    ...rest,
    basePath: info.path,
    baseName: info.name,
    datasetsFolder: datasetsFolder(props.folders.data),
    datasetDigest,
    ...(parent === undefined ? {} : { parentPath: parent.ggufPath }),
    // A parent's shape is its child's.
    lora: { ...lora, ...shapeOf(parent), seed },
    budgetMs: props.budgetMs,
    ...(nSteps === undefined ? {} : { nSteps }),
    seed,
    checkpointPath: '',
    outFolder: '',
  });
  // The same job finds its checkpoint again.
  const name = digestOf(canonicalJson(job)).slice(0, 16);
  const folder = join(props.folders.cache, 'trainings');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const outFolder = join(folder, `${name}.out`);
  rmSync(outFolder, { recursive: true, force: true });
  return { ...job, checkpointPath: join(folder, `${name}.checkpoint`), outFolder };
}

function shapeOf(parent: StoredAdapter | undefined): object {
  const lora = parent?.lineage['lora'];
  return typeof lora === 'object' && lora !== null ? lora : {};
}

function lineageOf(
  props: TrainRepositoryProps,
  job: TrainingJob,
  { manifest }: Dataset,
  { nSteps, nTokens, durationMs, precision }: TrainingResult,
): LineageToStore {
  const { repository, info, parent } = props;
  const { lora, optimiser, seed, provider } = job;
  return {
    repoId: repository.repoId,
    repoName: repository.name,
    asOf: manifest.asOf,
    baseDigest: info.digest,
    baseName: info.name,
    ...(parent === undefined ? {} : { parentDigest: parent.digest }),
    datasetDigest: job.datasetDigest,
    idiomVersion: props.idiomVersion,
    createdAtMs: props.nowMs(),
    ...{ lora, optimiser, seed, provider },
    sources: manifest.counts,
    training: { nTokens, nSteps, durationMs: Math.round(durationMs), precision },
  };
}
