/** `idiom learn`: the whole way by hand: dataset, training, gate, and the better version in use. */

import { join } from 'node:path';
import type { Command } from 'commander';
import type { EvalReport } from '../../protocol/evalReport.ts';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { IdiomError } from '../base/errors.ts';
import { defaultGateSettings } from '../evaluation/gateSettings.ts';
import type { Repository } from '../git/repository.ts';
import { judgeVersion } from '../learning/judgeVersion.ts';
import { adaptersFolder, trainRepository } from '../learning/trainRepository.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { findAdapter } from '../registry/adapterStore.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { createAdapterServer } from '../registry/serveAdapter.ts';
import { learnableOutcomes } from '../store/learnableOutcomes.ts';
import { acquireLock } from '../store/lock.ts';
import { refusalError } from '../training/dataset/buildDataset.ts';
import { outcomeExamples } from '../training/dataset/outcomeExamples.ts';
import type { OutcomeExample } from '../training/dataset/outcomeExamples.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { describeReport } from './describeReport.ts';
import { describeTrained } from './describeTraining.ts';
import {
  addTrainingOptions,
  findTask,
  maxPromptTokens,
  openHistory,
  openTrainingSuggester,
  trainingProps,
} from './trainingProps.ts';
import { storeReport } from './storeReport.ts';
import type { TrainingFlags } from './trainingProps.ts';
import { wholeNumber } from './wholeNumber.ts';
import { withRegistry } from './withRegistry.ts';

/** Of more, the newest; of them, outcomeExamples chooses. */
const maxOutcomes = 5000;

interface LearnFlags extends TrainingFlags {
  readonly outsideLines: number;
  readonly promote: boolean;
}

export function registerLearn(program: Command, context: CliContext): void {
  const command = program
    .command('learn')
    .description('train on the history, let the gate judge what came of it, and use it if it is better');
  addTrainingOptions(command)
    .option('--outside-lines <n>', 'lines of other repositories that are scored', wholeNumber(8, 1000), 64)
    .option('--no-promote', 'judge only: what serves stays')
    .action((flags: LearnFlags) => learn(flags, context));
}

/** @throws IdiomError `gateRefused` after the report was printed, when the candidate is not better. */
async function learn(flags: LearnFlags, context: CliContext): Promise<void> {
  const repository = await openHistory(context, 'learning');
  const lock = takeTurn(context);
  const suggester = await openTrainingSuggester(flags, context);
  try {
    const report = await withRegistry(context, (registry) =>
      learnWith(registry, { flags, context, repository, suggester }),
    );
    if (report.verdict === 'refuse')
      throw new IdiomError('gateRefused', 'The gate refused the new version; what served goes on to serve.', {
        remedy: 'Nothing needs to be done. More history or more time (--budget-minutes) may help.',
      });
  } finally {
    suggester.dispose();
    lock.dispose();
  }
}

/** Two trainings at a time would both be slow. */
function takeTurn({ folders }: CliContext): Disposable {
  const lock = acquireLock(join(folders.data, 'training.lock'));
  if (lock !== undefined) return lock;
  throw new IdiomError('wrongUse', 'Another training of yours is running.', {
    remedy: 'Wait for it, or cancel it in the editor: "Idiom: Show Dashboard".',
  });
}

interface LearnParts {
  readonly flags: LearnFlags;
  readonly context: CliContext;
  readonly repository: Repository;
  readonly suggester: OwnSuggester;
}

async function learnWith(registry: AdapterRegistry, parts: LearnParts): Promise<EvalReport> {
  const { flags, context, repository, suggester } = parts;
  const key: RegistryKey = { repoId: repository.repoId, baseDigest: suggester.info.digest };
  const champion = registry.champion(key);
  const parent = flags.fresh === true ? undefined : await findChampion(champion, parts);
  const extraExamples = await recordedExamples(registry, parts);
  const props = trainingProps(flags, context, { ...parts, parent, nMeasured: 0 });
  const trained = await trainRepository({ ...props, extraExamples });
  if (trained.kind === 'refused') throw refusalError(trained);
  const { adapter } = trained;
  registry.add(adapter, { who: 'person', why: '"idiom learn" was run.' });
  const told = describeTrained(trained.dataset.manifest, trained.training);
  if (flags.json !== true) for (const line of told) context.write(line);
  const report = await judgeTrained(registry, key, { ...parts, adapter, champion });
  storeReport(registry, key.repoId, report);
  if (flags.json !== true) for (const line of describeReport(report)) context.write(line);
  const isPromoted = report.verdict === 'pass' && flags.promote;
  if (isPromoted)
    registry.promote(key, adapter.digest, {
      who: 'gate',
      why: 'It passed the gate, and a person had asked to learn.',
    });
  if (flags.json === true)
    context.write(JSON.stringify({ adapter: adapter.digest, folder: adapter.folder, isPromoted, report }));
  else if (isPromoted)
    context.write(`From now on it serves this repository; "idiom rollback" goes back at once.`);
  return report;
}

/** What became of suggestions, up to the commit that is the newest for this training. */
async function recordedExamples(
  { ground }: AdapterRegistry,
  { flags, context, repository }: LearnParts,
): Promise<OutcomeExample[]> {
  const from = flags.asOf === undefined ? undefined : await repository.commits({ from: flags.asOf, max: 1 });
  const beforeMs = from?.[0]?.timeMs ?? context.nowMs();
  const filter = { repoId: repository.repoId, beforeMs };
  return outcomeExamples(learnableOutcomes(ground.db, filter, maxOutcomes), { nowMs: beforeMs });
}

async function findChampion(
  name: string,
  { context, suggester }: LearnParts,
): Promise<StoredAdapter | undefined> {
  if (name === 'base') return undefined;
  if (name === 'task') return findTask(suggester, context);
  return findAdapter(adaptersFolder(context.folders.data), name);
}

async function judgeTrained(
  registry: AdapterRegistry,
  key: RegistryKey,
  parts: LearnParts & { readonly adapter: StoredAdapter; readonly champion: string },
): Promise<EvalReport> {
  const { flags, context, repository, suggester, adapter, champion } = parts;
  const server = createAdapterServer(registry);
  const file = server.fileOf(key, champion);
  if (file === 'damaged')
    throw new IdiomError(
      'adapterBroken',
      `The files of ${champion.slice(0, 12)}, which serves, are damaged.`,
      {
        remedy: 'Run "idiom rollback", then learn again.',
      },
    );
  let toldShare = 0;
  return judgeVersion({
    ...{ repository, info: suggester.info, engine: suggester.engine, folders: context.folders },
    mediaFolder: context.mediaDir,
    candidate: { name: adapter.digest, file: { digest: adapter.digest, path: adapter.ggufPath } },
    champion: { name: champion, file },
    datasetDigest: adapter.lineage.datasetDigest,
    settings: defaultGateSettings,
    nCompleted: flags.evalCases,
    nOutside: flags.outsideLines,
    ...{ maxPromptTokens, settingGlobs: [], clock: systemClock, logger: context.logger },
    onProgress(nDone, nAll) {
      if (nDone < nAll && nDone / nAll < toldShare + 0.1) return;
      toldShare = nDone / nAll;
      context.remark(`Judging: ${Math.round(100 * toldShare)} %`);
    },
    signal: context.signal,
  });
}
