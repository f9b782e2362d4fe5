/** Trains one repository in one way, from the task adapter, and measures what it brought on held-out lines. */

import { join } from 'node:path';
import { digestOf } from '../../server/base/digest.ts';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import type { Repository } from '../../server/git/repository.ts';
import { datasetSizeFor } from '../../server/learning/datasetSize.ts';
import { trainRepository } from '../../server/learning/trainRepository.ts';
import type { TrainedRepository } from '../../server/learning/trainRepository.ts';
import { defaultTrainingSettings } from '../../server/learning/trainingSettings.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import type { EngineProcess } from '../../server/llama/engineProcess.ts';
import type { StoredAdapter } from '../../server/registry/adapterStore.ts';
import { refusalError } from '../../server/training/dataset/buildDataset.ts';
import { defaultDatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import type { Example } from '../../server/training/dataset/example.ts';
import type { LineCompleter } from './completeLines.ts';
import type { LineRecord, TrainingRecord } from './records.ts';
import type { Variant } from './variants.ts';
import { widenAdapter } from './widenAdapter.ts';

export interface Experiment {
  readonly engine: EngineProcess;
  readonly info: BaseModelInfo;
  readonly task: StoredAdapter;
  readonly replay: readonly Example[];
  /** Gets adapters and datasets of the repository. */
  readonly workFolder: string;
  readonly idiomVersion: string;
  readonly tell: (line: string) => void;
}

export interface Measurement {
  readonly repository: Repository;
  /** What the repository is called in the results. */
  readonly name: string;
  readonly variantName: string;
  readonly variant: Variant;
  /** Lines that are completed too; each variant gets the same ones. */
  readonly nLines: number;
  openCompleter(commit: string): Promise<LineCompleter>;
}

/** So that a dataset is read about once: some 1,240 tokens a step, 410 a second. */
const stepMs = 3000;

export async function measureTraining(
  experiment: Experiment,
  measurement: Measurement,
): Promise<TrainingRecord> {
  const { task } = experiment;
  const { name, variantName } = measurement;
  const trained = await train(experiment, measurement);
  const { nSteps, nTokens, durationMs, nllBefore, nllAfter } = trained.training;
  const cases = trained.dataset.evaluation.map((each) => each.case);
  const keys = cases.map(({ path, prefix, middle }) => digestOf([path, prefix, middle].join('\n')));
  const chosen = new Set(keys.toSorted().slice(0, measurement.nLines));
  const before = { digest: task.digest, path: task.ggufPath };
  const after = { digest: trained.adapter.digest, path: trained.adapter.ggufPath };
  const lines: LineRecord[] = [];
  for (const [i, one] of cases.entries()) {
    const key = keys[i] ?? '';
    const line = { key, nllBefore: nllBefore[i] ?? NaN, nllAfter: nllAfter[i] ?? NaN };
    if (!chosen.has(key)) lines.push(line);
    else {
      const completer = await measurement.openCompleter(trained.dataset.manifest.split.trainingHead);
      lines.push({ ...line, suggested: await completer.compare(one, before, after) });
    }
  }
  const trainingSeconds = Math.round(durationMs / 1000);
  return { repo: name, variant: variantName, nSteps, nTokens, trainingSeconds, lines };
}

async function train(
  experiment: Experiment,
  { repository, name, variantName, variant: { nSteps, shape, optimiser, dataset } }: Measurement,
): Promise<Extract<TrainedRepository, { kind: 'trained' }>> {
  const { engine, info, task, replay, workFolder, idiomVersion, tell } = experiment;
  const cache = join(workFolder, 'cache');
  const trained = await trainRepository({
    ...{ repository, info, tokenizer: engine, replay, idiomVersion },
    folders: { data: workFolder, cache },
    parent: shape === undefined ? task : await widenAdapter(task, info.path, workFolder, shape),
    settingGlobs: [],
    settings: {
      ...defaultTrainingSettings,
      optimiser: { ...defaultTrainingSettings.optimiser, ...optimiser },
      // All of them, in their order.
      nEvaluationCases: Number.MAX_SAFE_INTEGER,
      nSteps,
    },
    datasetSettings: { ...datasetSizeFor(defaultDatasetSettings, nSteps * stepMs), ...dataset },
    budgetMs: Number.MAX_SAFE_INTEGER,
    seed: 0,
    nowMs: () => Date.now(),
    logger: silentLogger,
    onProgress(each) {
      if (each.kind !== 'training' || each.progress.step % 20 !== 0) return;
      const { step, tokensPerSecond = 0, secondsLeft = 0 } = each.progress;
      const pace = `${Math.round(tokensPerSecond)} tokens a second, ${Math.ceil(secondsLeft / 60)} min left`;
      if (each.progress.stage === 'training' && step > 0)
        tell(`${name} ${variantName}: step ${step} of ${nSteps}, ${pace}`);
    },
    signal: neverAborts,
  });
  if (trained.kind === 'refused') throw refusalError(trained);
  return trained;
}
