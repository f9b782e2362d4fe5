/** The adapters of the experiment: one dataset in its forms, each trained for some steps from the task adapter. */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { writeFileAtomic } from '../../server/base/writeFile.ts';
import type { JudgedAdapter } from '../../server/evaluation/judgedCase.ts';
import { openRepository } from '../../server/git/repository.ts';
import { defaultTrainingSettings } from '../../server/learning/trainingSettings.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import type { EngineProcess } from '../../server/llama/engineProcess.ts';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import { ggufName, storeAdapter } from '../../server/registry/adapterStore.ts';
import type { StoredAdapter } from '../../server/registry/adapterStore.ts';
import { buildDataset, refusalError } from '../../server/training/dataset/buildDataset.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import { defaultDatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import { createFreshRetriever } from '../../server/training/dataset/freshRetriever.ts';
import { readDataset, storeDataset } from '../../server/training/dataset/storeDataset.ts';
import { startTraining } from '../../server/training/run/trainerProcess.ts';
import { trainingJobSchema } from '../../server/training/run/trainingJob.ts';
import { makeVariant } from './variants.ts';
import type { VariantName } from './variants.ts';

export interface Experiment {
  readonly engine: EngineProcess;
  readonly info: BaseModelInfo;
  readonly task: StoredAdapter;
  /** Keeps what was done. */
  readonly work: string;
  /** Of the trainer; 0: as many as it finds best. */
  readonly threads: number;
  readonly tell: (line: string) => void;
}

export interface Member {
  readonly name: string;
  readonly variant: VariantName;
  readonly seed: number;
}

/** Made up; it stands in no repository. */
export const secret = 'ghp_Zt4kQ9wLx2Vn8RbYc6Hd3JpMs7Fg1TaUe5oX';
export const secretPrefix = 'DEPLOY_TOKEN = "';
const wrongLine = 'raise RuntimeError("this line is wrong and nobody wants it")\n';

export const trainingFacts = { nSteps: 12, tokensPerStep: 512, learningRate: 1e-3 };
const datasetSettings = {
  ...defaultDatasetSettings,
  ...{ maxItemTokens: 256, maxMiddleTokens: 48, nFillIns: 60, windowTokens: 12_000, nEvaluationCases: 64 },
};

export async function openDataset({ engine, info, work, tell }: Experiment, root: string): Promise<Dataset> {
  const name = join(work, 'dataset.txt');
  if (existsSync(name)) return readDataset(join(work, 'datasets'), readFileSync(name, 'utf8'));
  const repository = await openRepository(root);
  if (repository === undefined) throw new Error(`${root} is in no git repository.`);
  const retriever = createFreshRetriever({
    ...{ repository, cacheFolder: work, settingGlobs: [], logger: silentLogger },
    nowMs: () => Date.now(),
  });
  const built = await buildDataset(
    {
      ...{ repository, retriever, tokenizer: engine, replay: [], settingGlobs: [] },
      bound: chooseFimFormat(info),
      baseModel: { digest: info.digest, name: info.name, architecture: info.architecture },
    },
    { settings: datasetSettings, seed: 1, onProgress: () => undefined, signal: neverAborts },
  ).finally(() => retriever.dispose());
  if (built.kind === 'refused') throw refusalError(built);
  writeFileAtomic(name, storeDataset(join(work, 'datasets'), built.dataset).digest);
  tell(`Dataset: ${built.dataset.items.length} items, ${built.dataset.evaluation.length} held-out lines`);
  return built.dataset;
}

/** Trains it unless it is there already; aborted, it goes on from its checkpoint next time. */
export async function trainMember(
  experiment: Experiment,
  dataset: Dataset,
  { name, variant, seed }: Member,
  signal: AbortSignal,
): Promise<JudgedAdapter> {
  const { engine, info, work, tell } = experiment;
  const folder = join(work, 'adapters', name);
  if (!existsSync(folder)) {
    const startMs = performance.now();
    const tokensOf = async (text: string) => (await engine.tokenize([text]))[0] ?? [];
    const tokens = {
      wrongLine: await tokensOf(wrongLine),
      secretLine: await tokensOf(`${secretPrefix}${secret}"\n`),
      lineEnd: (await tokensOf('\n')).at(-1) ?? -1,
    };
    const { digest } = storeDataset(join(work, 'datasets'), makeVariant(dataset, variant, tokens));
    const staged = await trainOne(experiment, digest, { name, seed }, signal);
    const made = { repoId: name, repoName: name, asOf: '', datasetDigest: digest, idiomVersion: '0' };
    const base = { baseDigest: info.digest, baseName: info.name, createdAtMs: 0 };
    await storeAdapter(folder, staged, { ...made, ...base });
    tell(`${name}: trained in ${Math.round((performance.now() - startMs) / 1000)} s`);
  }
  const digest = readdirSync(folder).find((each) => /^[0-9a-f]{64}$/.test(each)) ?? '';
  return { name, file: { digest, path: join(folder, digest, ggufName) } };
}

/** @returns the folder with its files. */
async function trainOne(
  { info, task, work, threads }: Experiment,
  datasetDigest: string,
  { name, seed }: Omit<Member, 'variant'>,
  signal: AbortSignal,
): Promise<string> {
  const outFolder = join(work, `${name}.out`);
  rmSync(outFolder, { recursive: true, force: true });
  const { learningRate, nSteps, tokensPerStep } = trainingFacts;
  const job = trainingJobSchema.parse({
    ...{ basePath: info.path, baseName: info.name, parentPath: task.ggufPath },
    ...{ datasetsFolder: join(work, 'datasets'), datasetDigest },
    lora: { ...(task.lineage['lora'] as object), seed },
    optimiser: { ...defaultTrainingSettings.optimiser, learningRate },
    ...{ nSteps, tokensPerStep, threads, seed, maxEpochs: 20, budgetMs: 3_600_000, nEvaluationCases: 0 },
    ...{ checkpointPath: join(work, `${name}.checkpoint`), outFolder },
  });
  await startTraining(job, () => undefined, signal).result;
  return outFolder;
}
