/** A loop's work for a repository in a folder: what is new in it, its trainings, and scores of what was kept. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { readRegularFile } from '../base/readRegularFile.ts';
import type { Repository } from '../git/repository.ts';
import type { AdapterFile, BaseModelInfo, ScoringEngine } from '../llama/engine.ts';
import type { RegistryKey } from '../registry/adapterRegistry.ts';
import { findAdapter } from '../registry/adapterStore.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import type { AdapterServer } from '../registry/serveAdapter.ts';
import { taskAdapterFiles } from '../registry/taskAdapter.ts';
import { maxFileBytes } from '../retrieval/contentRules.ts';
import { openIgnoreRules } from '../retrieval/ignoreRules.ts';
import type { Ground } from '../store/ground.ts';
import { countLearnable, learnableOutcomes } from '../store/learnableOutcomes.ts';
import { listRetainedChars } from '../store/retainedChars.ts';
import type { SnippetPlace } from '../store/suggestions.ts';
import { outcomeExamples } from '../training/dataset/outcomeExamples.ts';
import { readReplayFile } from '../training/dataset/replayFile.ts';
import { createLineCounter } from './countNewLines.ts';
import { judgeVersion } from './judgeVersion.ts';
import { datasetSizeFor } from './datasetSize.ts';
import type { LoopOptions } from './loopOptions.ts';
import type { Canary, Evaluating, TrainingPlan } from './loopState.ts';
import type { LoopProgress, LoopWork, Trained, TrainWatch } from './loopWork.ts';
import type { Machine } from './machine.ts';
import { scoreKept } from './scoreKept.ts';
import { paceProgress, ProgressMeter, thin } from './trainingProgress.ts';
import { adaptersFolder, trainRepository } from './trainRepository.ts';
import type { Pausable } from './yieldToEditor.ts';

export interface RepositoryWorkProps {
  readonly key: RegistryKey;
  readonly repository: Repository;
  /** The base model that is loaded. */
  readonly info: BaseModelInfo;
  readonly engine: ScoringEngine;
  readonly ground: Ground;
  readonly adapters: AdapterServer;
  readonly taskAdapterOf: (baseDigest: string) => StoredAdapter | undefined;
  readonly folders: { readonly data: string; readonly cache: string };
  readonly options: LoopOptions;
  /** Patterns from the setting `idiom.ignore`. */
  readonly settingGlobs: () => readonly string[];
  readonly maxPromptTokens: () => number;
  readonly idiomVersion: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Judging waits while a suggestion is computed. */
  readonly machine: Pick<Machine, 'whenQuiet'>;
  /** What comes with Idiom. */
  readonly mediaFolder: string;
}

/** Of outcomes, at most so many are looked at for a training. */
const maxOutcomes = 5000;
/** What was kept is known for good only then; see signals/. */
const settledMs = 10 * 60_000;
const nScoredAtOnce = 8;
const maxRetained = 1000;
const tellEveryMs = 2000;

export function createRepositoryWork(props: RepositoryWorkProps): LoopWork {
  const { key, repository, ground } = props;
  const countNewLines = createLineCounter(repository);
  return {
    head: () => repository.head(),
    async countNewExamples(learned) {
      const head = await repository.head();
      const nLines = head === undefined ? 0 : await countNewLines(learned?.asOf, head);
      const sinceMs = learned?.untilMs;
      return nLines + countLearnable(ground.db, { repoId: key.repoId, sinceMs });
    },
    train: (plan, watch, signal) => train(props, plan, watch, signal),
    judge: (task, onProgress, signal) => judge(props, task, onProgress, signal),
    discard: (plan) => rmSync(cacheOf(props, plan), { recursive: true, force: true }),
    scoreKept: (canary, signal) => scoreSome(props, canary, signal),
    retainedChars(adapter, sinceMs, beforeMs) {
      const digest = adapter === 'task' ? (props.taskAdapterOf(key.baseDigest)?.digest ?? 'base') : adapter;
      const filter = { repoId: key.repoId, adapter: digest, sinceMs, beforeMs };
      return listRetainedChars(ground.db, filter, maxRetained);
    },
  };
}

/** Each training has a folder of its own for its index and its checkpoint, which goes with it. */
function cacheOf({ folders }: RepositoryWorkProps, plan: TrainingPlan): string {
  return join(folders.cache, 'trainings', plan.id);
}

async function train(
  props: RepositoryWorkProps,
  plan: TrainingPlan,
  watch: TrainWatch,
  signal: AbortSignal,
): Promise<Trained> {
  const { repository, info, engine, ground, folders, options, clock, logger } = props;
  const parent = await findParent(props, plan.parent);
  const outcomes = learnableOutcomes(
    ground.db,
    { repoId: props.key.repoId, beforeMs: plan.untilMs },
    maxOutcomes,
  );
  const meter = new ProgressMeter({ budgetMs: plan.budgetMs, nowMs: () => clock.monotonicMs() });
  const run = { id: plan.id, repoId: props.key.repoId };
  let cpuMs = 0;
  const telling = tellEvery(clock, () => watch.onProgress(meter.progress));
  const trained = await trainRepository({
    ...{ repository, info, parent, logger, signal },
    tokenizer: engine,
    folders: { data: folders.data, cache: cacheOf(props, plan) },
    replay: plan.parent === 'base' ? [] : readReplayFile(taskAdapterFiles(props.mediaFolder).replay),
    extraExamples: outcomeExamples(outcomes, { nowMs: plan.untilMs }),
    settingGlobs: props.settingGlobs(),
    settings: options.training,
    datasetSettings: datasetSizeFor(options.dataset, plan.budgetMs),
    budgetMs: plan.budgetMs,
    seed: plan.seed,
    asOf: plan.asOf,
    idiomVersion: props.idiomVersion,
    nowMs: () => clock.nowMs(),
    onProgress(told) {
      meter.tell(told);
      watch.onProgress(meter.progress);
    },
    onLoad(load) {
      meter.tellLoad(load);
      cpuMs = load.cpuMs;
    },
    onTrainer(training, datasetDigest) {
      watch.onBuilt(datasetDigest);
      watch.onTrainer(pausedWith(training, meter));
    },
  }).finally(() => {
    telling.dispose();
    note(props, () => ground.trainingRuns.addCost({ ...run, atMs: clock.nowMs(), cpuMs }));
  });
  if (trained.kind === 'trained') {
    const { nSteps, losses, validation } = trained.training;
    const curve = { digest: trained.adapter.digest, nSteps, losses: thin(losses), validation };
    note(props, () => ground.trainingRuns.setCurve(plan.id, curve));
  }
  rmSync(cacheOf(props, plan), { recursive: true, force: true });
  if (trained.kind === 'trained') return { kind: 'trained', adapter: trained.adapter };
  return { kind: 'declined', reason: [...trained.reasons, trained.remedy].join(' ') };
}

/** Figures for the dashboard: a training is worth more than they are. */
function note({ logger }: RepositoryWorkProps, write: () => void): void {
  try {
    write();
  } catch (error) {
    logger.warn('learning', 'figures of a training not stored', { error: describeError(error) });
  }
}

/** Now and every two seconds until disposed: time goes on where no news comes. */
function tellEvery(clock: Clock, tell: () => void): Disposable {
  let timer: Disposable;
  const next = () => {
    tell();
    timer = clock.setTimer(tellEveryMs, next);
  };
  next();
  return toDisposable(() => timer.dispose());
}

function pausedWith(training: Pausable, meter: ProgressMeter): Pausable {
  return {
    pause() {
      meter.isPaused = true;
      training.pause();
    },
    resume() {
      meter.isPaused = false;
      training.resume();
    },
  };
}

async function judge(
  props: RepositoryWorkProps,
  { candidate, champion }: Pick<Evaluating, 'candidate' | 'champion'>,
  onProgress: (progress: LoopProgress) => void,
  signal: AbortSignal,
): Promise<EvalReport> {
  const { key, repository, info, engine, ground, folders, mediaFolder, options, machine, clock, logger } =
    props;
  const version = ground.adapterVersions.get(candidate);
  const files = [candidate, champion].map((name) => soundFile(props, name));
  if (version === undefined || version.baseDigest !== key.baseDigest) throw gone(candidate);
  const { datasetDigest } = lineageSchema.parse(JSON.parse(version.lineage));
  const startMs = clock.monotonicMs();
  onProgress({ share: 0 });
  return judgeVersion({
    ...{ repository, info, engine, folders, mediaFolder, datasetDigest, clock, logger, signal },
    candidate: { name: candidate, file: files[0] },
    champion: { name: champion, file: files[1] },
    settings: options.gate,
    ...{ nCompleted: options.nCompleted, nFrozen: options.nFrozen, nOutside: options.nOutside },
    maxPromptTokens: props.maxPromptTokens(),
    settingGlobs: props.settingGlobs(),
    mayGoOn: () => machine.whenQuiet(signal),
    onProgress: (nDone, nAll) =>
      onProgress(paceProgress(nAll === 0 ? 0 : nDone / nAll, clock.monotonicMs() - startMs)),
  });
}

const lineageSchema = z.object({ datasetDigest: z.string() });

/** Undefined for the base model alone. @throws IdiomError `adapterBroken`. */
function soundFile({ key, adapters }: RepositoryWorkProps, name: string): AdapterFile | undefined {
  const file = adapters.fileOf(key, name);
  if (file === 'damaged') throw gone(name);
  return file;
}

function gone(name: string): IdiomError {
  return new IdiomError(
    'adapterBroken',
    `The files of the adapter ${name.slice(0, 12)} are gone or were changed.`,
    {
      remedy: 'Roll back to the version before it, then train again.',
    },
  );
}

async function findParent(props: RepositoryWorkProps, name: string): Promise<StoredAdapter | undefined> {
  if (name === 'base') return undefined;
  const found =
    name === 'task'
      ? props.taskAdapterOf(props.key.baseDigest)
      : await findAdapter(adaptersFolder(props.folders.data), name);
  if (found === undefined) throw gone(name);
  return found;
}

async function scoreSome(props: RepositoryWorkProps, canary: Canary, signal: AbortSignal): Promise<number> {
  const { key, engine, ground, adapters, repository, clock } = props;
  const { candidate, champion, plan } = canary;
  const files = { candidate: adapters.fileOf(key, candidate), champion: adapters.fileOf(key, champion) };
  const { state } = engine;
  if (state.kind !== 'ready' || state.info.digest !== key.baseDigest) return 0;
  if (files.candidate === undefined || files.candidate === 'damaged' || files.champion === 'damaged')
    return 0;
  const { shadowScores } = ground;
  const filter = { repoId: key.repoId, candidate, champion, sinceMs: plan.untilMs };
  const kept = shadowScores.awaiting({ ...filter, beforeMs: clock.nowMs() - settledMs }, nScoredAtOnce);
  const scoring = {
    ...{ engine, info: props.info, repoName: repository.name },
    maxPromptTokens: props.maxPromptTokens(),
    readSnippet: await createSnippetReader(repository.root, props.settingGlobs()),
  };
  let nScored = 0;
  for (const each of kept) {
    const pair = { candidate: files.candidate, champion: files.champion };
    const scores = await scoreKept(scoring, each, pair, signal);
    signal.throwIfAborted();
    if (scores === undefined) continue;
    const suggestionId = each.suggestion.id;
    shadowScores.add({ candidate, champion, suggestionId, atMs: clock.nowMs(), ...scores });
    nScored++;
  }
  return nScored;
}

/** Lines as they are now: both adapters see the same, and a file that may not be read any more is not. */
async function createSnippetReader(root: string, settingGlobs: readonly string[]) {
  const rules = await openIgnoreRules({ root, settingGlobs });
  return async ({ path, startLine, endLine }: SnippetPlace): Promise<string | undefined> => {
    if (path.split('/').includes('..') || rules.explain(path).isIgnored) return undefined;
    try {
      const text = readRegularFile(join(root, path), { maxBytes: maxFileBytes }).toString();
      const lines = text.split(/\r?\n/);
      return lines.length < startLine ? undefined : lines.slice(startLine - 1, endLine).join('\n');
    } catch {
      return undefined;
    }
  };
}
