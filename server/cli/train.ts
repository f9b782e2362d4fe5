/** `idiom train`: an adapter from the repository's history, and what it brings on newer lines. Changes nothing in what serves. */

import type { Command } from 'commander';
import { trainRepository } from '../learning/trainRepository.ts';
import type { TrainedRepository } from '../learning/trainRepository.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { refusalError } from '../training/dataset/buildDataset.ts';
import type { Dataset } from '../training/dataset/dataset.ts';
import type { TrainingResult } from '../training/run/trainingJob.ts';
import type { CliContext } from './cliContext.ts';
import { compareOnCases } from './compareOnCases.ts';
import type { Comparison } from './compareOnCases.ts';
import { describeTraining } from './describeTraining.ts';
import {
  addTrainingOptions,
  findTask,
  maxNewTokens,
  maxPromptTokens,
  openHistory,
  openTrainingSuggester,
  trainingProps,
} from './trainingProps.ts';
import type { TrainingFlags } from './trainingProps.ts';

export interface TrainingReport {
  readonly adapter: string;
  /** Absent: it started from the base model. */
  readonly parent?: string;
  readonly folder: string;
  readonly dataset: string;
  readonly manifest: Dataset['manifest'];
  readonly training: Omit<TrainingResult, 'nllBefore' | 'nllAfter' | 'validation'>;
  readonly comparison: Comparison;
}

export function registerTrain(program: Command, context: CliContext): void {
  const command = program
    .command('train')
    .description(
      "train an adapter on the repository's history, and measure it on lines newer than all it learned",
    );
  addTrainingOptions(command).action(async (flags: TrainingFlags) => {
    const report = await train(flags, context);
    if (flags.json === true) context.write(JSON.stringify(report));
    else for (const line of describeTraining(report)) context.write(line);
  });
}

/** @throws IdiomError with the dataset's reasons when there is too little to learn from. */
async function train(flags: TrainingFlags, context: CliContext): Promise<TrainingReport> {
  const repository = await openHistory(context, 'training');
  const suggester = await openTrainingSuggester(flags, context);
  try {
    const parent = flags.fresh === true ? undefined : findTask(suggester, context);
    const parts = { repository, suggester, parent, nMeasured: flags.heldOutLines };
    const trained = await trainRepository(trainingProps(flags, context, parts));
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
      ...{ repoName: repository.name, maxPromptTokens, maxNewTokens },
      onProgress: (nDone, nAll) => context.remark(`${nDone} of ${nAll} held-out lines completed`),
      signal: context.signal,
    });
    return reportOf(trained, parent, comparison);
  } finally {
    suggester.dispose();
  }
}

function reportOf(
  { adapter, datasetDigest, dataset, training }: Extract<TrainedRepository, { kind: 'trained' }>,
  parent: StoredAdapter | undefined,
  comparison: Comparison,
): TrainingReport {
  const { nSteps, nTokens, durationMs, losses, nParameters, precision } = training;
  return {
    adapter: adapter.digest,
    ...(parent === undefined ? {} : { parent: parent.digest }),
    folder: adapter.folder,
    dataset: datasetDigest,
    manifest: dataset.manifest,
    training: { nSteps, nTokens, durationMs, losses, nParameters, precision },
    comparison,
  };
}
