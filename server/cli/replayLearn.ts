/** `idiom replay --learn`: months of history with a scripted developer, with and without learning in between, and a picture of it. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { writeFileAtomic } from '../base/writeFile.ts';
import { isData } from '../cursors/readTyped.ts';
import { defaultGateSettings } from '../evaluation/gateSettings.ts';
import type { JudgedAdapter } from '../evaluation/judgedCase.ts';
import { replayPeriods } from '../evaluation/replayPeriods.ts';
import type { ReplayPeriod, TimedCase } from '../evaluation/replayPeriods.ts';
import type { Repository } from '../git/repository.ts';
import { datasetSizeFor } from '../learning/datasetSize.ts';
import { judgeVersion } from '../learning/judgeVersion.ts';
import { replayFigures } from '../learning/replayFigures.ts';
import type { ReplayFigures } from '../learning/replayFigures.ts';
import { armNames, replayLearning } from '../learning/replayLearning.ts';
import type { ReplayState, ReplaySteps, TrainTask } from '../learning/replayLearning.ts';
import { adaptersFolder, trainRepository } from '../learning/trainRepository.ts';
import { defaultTrainingSettings } from '../learning/trainingSettings.ts';
import { readAdapter } from '../registry/adapterStore.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { findTaskAdapter, taskAdapterFiles } from '../registry/taskAdapter.ts';
import { openIgnoreRules } from '../retrieval/ignoreRules.ts';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import { defaultDatasetSettings } from '../training/dataset/datasetSettings.ts';
import { outcomeExamples } from '../training/dataset/outcomeExamples.ts';
import { readReplayFile } from '../training/dataset/replayFile.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { describeTrainingProgress } from './describeTraining.ts';
import { drawLearning } from './drawLearning.ts';
import { suggestAt } from './suggestAt.ts';
import { openHistory } from './trainingProps.ts';

export interface ReplayLearnFlags {
  readonly periods: number;
  /** Of each period. */
  readonly cases: number;
  readonly budgetMinutes: number;
  readonly seed: number;
  readonly maxPromptTokens: number;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

const maxNewTokens = 48;
const maxCommits = 400;
/** Lines that the gate looks at: as few as its rules can do with, as it is asked many times. */
const nHeldOut = 60;
const gateSizes = { nCompleted: 20, nOutside: 24, nFrozen: 8 };
const toldEveryMs = 5000;

export async function replayLearn(flags: ReplayLearnFlags, context: CliContext): Promise<void> {
  const repo = await context.repo();
  const repository = await openHistory(context, 'a replay');
  const periods = await drawPeriods(repository, flags, context.signal);
  const suggester = await context.openSuggester({
    baseModel: flags.baseModel,
    downloads: flags.getModel === true ? 'always' : 'never',
    ...{ maxPromptTokens: flags.maxPromptTokens, maxNewTokens, repo },
  });
  try {
    const work: Work = {
      flags,
      context,
      repository,
      suggester,
      periods,
      ...openScratch(flags, periods, suggester, context),
    };
    const state = await replayLearning(stepsOf(work), periods, nameOf(work.task), work.done);
    write(replayFigures(periods, state), work);
    rmSync(work.folder, { recursive: true, force: true });
  } catch (error) {
    if (context.signal.aborted) context.remark('What was done is kept; the same command goes on from there.');
    throw error;
  } finally {
    suggester.dispose();
  }
}

interface Work {
  readonly flags: ReplayLearnFlags;
  readonly context: CliContext;
  readonly repository: Repository;
  readonly suggester: OwnSuggester;
  readonly periods: readonly ReplayPeriod[];
  /** Datasets, adapters and what was done so far; not those of the user. */
  readonly folder: string;
  readonly task: StoredAdapter | undefined;
  readonly done: ReplayState;
}

async function drawPeriods(
  repository: Repository,
  flags: ReplayLearnFlags,
  signal: AbortSignal,
): Promise<ReplayPeriod[]> {
  const rules = await openIgnoreRules({ root: repository.root, settingGlobs: [] });
  const periods = await replayPeriods(repository, {
    ...{ nPeriods: flags.periods, casesPerPeriod: flags.cases, maxCommits, signal },
    random: seededRandom(flags.seed),
    isLeftOut: (path) => rules.explain(path).isIgnored || isData(path),
  });
  if (periods.length > 0 && periods.every((period) => period.cases.length > 0)) return periods;
  throw new IdiomError(
    'wrongUse',
    `${repository.root} has too little history for ${flags.periods} periods with new lines in each.`,
    { remedy: 'Ask for fewer with --periods, or name a repository with more history.' },
  );
}

/** The same command on the same history finds what it did before. */
function openScratch(
  flags: ReplayLearnFlags,
  periods: readonly ReplayPeriod[],
  { info }: OwnSuggester,
  { folders, mediaDir }: CliContext,
): Pick<Work, 'folder' | 'task' | 'done'> {
  const task = findTaskAdapter(mediaDir, info.digest);
  const { budgetMinutes, maxPromptTokens } = flags;
  const cases = periods.map((period) => period.cases.map((each) => each.id));
  const name = digestOf(
    JSON.stringify([cases, budgetMinutes, maxPromptTokens, info.digest, task?.digest, scrubberVersion]),
  );
  const folder = join(folders.cache, 'replayLearning', name.slice(0, 16));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'state.json');
  const done = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ReplayState) : { periods: [] };
  return { folder, task, done };
}

function nameOf(task: StoredAdapter | undefined): string {
  return task === undefined ? 'base' : 'task';
}

function stepsOf(work: Work): ReplaySteps {
  const { context, folder } = work;
  let told = { atMs: -Infinity, what: '' };
  const tell = (what: string, detail: string) => {
    if (told.what === what && context.nowMs() - told.atMs < toldEveryMs) return;
    told = { atMs: context.nowMs(), what };
    context.remark(`${what}: ${detail}`);
  };
  const pace = createPace(work);
  return {
    complete: (one, adapter) =>
      pace.time('complete', async () => {
        const idx = work.periods.findIndex((period) => period.cases.includes(one));
        const { cases } = work.periods[idx] as ReplayPeriod;
        tell(
          `Period ${idx + 1} of ${work.periods.length}`,
          `line ${cases.indexOf(one) + 1} of ${cases.length}, ${pace.left()}`,
        );
        return complete(work, one, adapter);
      }),
    train: (task) =>
      pace.time('train', () =>
        train(work, task, (detail) => tell(`Learning after period ${task.periodIdx + 1}`, detail)),
      ),
    judge: (task) => pace.time('judge', () => judge(work, task, (detail) => tell('The gate', detail))),
    onState(state) {
      pace.note(state);
      writeFileAtomic(join(folder, 'state.json'), JSON.stringify(state));
    },
  };
}

async function complete(work: Work, one: TimedCase, adapter: string): Promise<string> {
  const { suggester, repository, flags, context } = work;
  // The repository as it was before the commit that added the line: nothing newer may help.
  if (one.parent !== undefined) await suggester.retrieval.seeCommit(one.parent, context.signal);
  suggester.useAdapter(fileOf(work, adapter));
  const request = {
    ...{ path: one.path, prefix: one.prefix, suffix: one.suffix, repoName: repository.name },
    ...{
      maxNewTokens,
      maxPromptTokens: flags.maxPromptTokens,
      useRetrieval: true,
      isMultilineAllowed: false,
    },
  };
  const answer = await suggestAt(suggester.completer, request, context.signal);
  context.signal.throwIfAborted();
  const [, text] = await scrubParts([one.prefix, answer.text, one.suffix], one.path);
  return text.split('\n')[0] ?? '';
}

function storedOf({ folder, task }: Work, name: string): StoredAdapter | undefined {
  if (name === 'base') return undefined;
  return name === 'task' ? task : readAdapter(join(adaptersFolder(folder), name));
}

function fileOf(work: Work, name: string): { digest: string; path: string } | undefined {
  const stored = storedOf(work, name);
  return stored === undefined ? undefined : { digest: stored.digest, path: stored.ggufPath };
}

async function train(
  work: Work,
  task: TrainTask,
  tell: (detail: string) => void,
): ReturnType<ReplaySteps['train']> {
  const { context, repository, suggester, folder, flags } = work;
  const parent = storedOf(work, task.parent);
  const budgetMs = flags.budgetMinutes * 60_000;
  const trained = await trainRepository({
    ...{ repository, parent, budgetMs, info: suggester.info, tokenizer: suggester.engine },
    folders: { data: folder, cache: folder },
    replay: parent === undefined ? [] : readReplayFile(taskAdapterFiles(context.mediaDir).replay),
    extraExamples: outcomeExamples(task.outcomes, { nowMs: task.untilMs }),
    settingGlobs: [],
    // The gate measures; the trainer need not.
    settings: { ...defaultTrainingSettings, nEvaluationCases: 0 },
    datasetSettings: { ...datasetSizeFor(defaultDatasetSettings, budgetMs), nEvaluationCases: nHeldOut },
    ...{ seed: flags.seed + task.periodIdx, asOf: task.asOf, idiomVersion: context.version },
    ...{ nowMs: () => context.nowMs(), logger: context.logger, signal: context.signal },
    onProgress(progress) {
      if (progress.kind === 'training') tell(describeTrainingProgress(progress.progress));
      else tell(`${progress.stage}, ${progress.nDone} of ${progress.nAll}`);
    },
  });
  if (trained.kind === 'refused') return { declined: trained.reasons.join(' ') };
  return { adapter: trained.adapter.digest };
}

async function judge(
  work: Work,
  task: { readonly candidate: string; readonly champion: string },
  tell: (detail: string) => void,
): ReturnType<ReplaySteps['judge']> {
  const { context, repository, suggester, folder, flags } = work;
  const candidate = readAdapter(join(adaptersFolder(folder), task.candidate));
  const judged = (name: string): JudgedAdapter => ({ name, file: fileOf(work, name) });
  const report = await judgeVersion({
    ...{ repository, info: suggester.info, engine: suggester.engine, mediaFolder: context.mediaDir },
    folders: { data: folder, cache: folder },
    candidate: judged(task.candidate),
    champion: judged(task.champion),
    datasetDigest: candidate.lineage.datasetDigest,
    ...{
      settings: defaultGateSettings,
      ...gateSizes,
      maxPromptTokens: flags.maxPromptTokens,
      settingGlobs: [],
    },
    ...{ clock: systemClock, logger: context.logger, signal: context.signal },
    onProgress: (nDone, nAll) => tell(`${nDone} of ${nAll} cases`),
  });
  const passed = report.verdict === 'pass';
  const telling = report.rules.filter((rule) => rule.holds === passed);
  return { passed, reason: telling.map((rule) => rule.reason).join(' ') };
}

/** Guesses the time that is left from how long each kind of step took. */
function createPace({ periods, flags, done }: Work) {
  const budgetMs = flags.budgetMinutes * 60_000;
  const kinds = {
    complete: { n: 0, ms: 0, guessMs: 1500 },
    train: { n: 0, ms: 0, guessMs: budgetMs + 60_000 },
    judge: { n: 0, ms: 0, guessMs: 180_000 },
  };
  let state = done;
  const mean = (kind: keyof typeof kinds) =>
    kinds[kind].n === 0 ? kinds[kind].guessMs : kinds[kind].ms / kinds[kind].n;
  return {
    note: (next: ReplayState) => (state = next),
    async time<T>(kind: keyof typeof kinds, body: () => Promise<T>): Promise<T> {
      const startMs = performance.now();
      const result = await body();
      kinds[kind].ms += performance.now() - startMs;
      kinds[kind].n++;
      return result;
    },
    left(): string {
      const nCases = periods.flatMap((period) => period.cases).length;
      const nAsked = state.periods.reduce((sum, each) => sum + (each.ungated?.texts.length ?? 0), 0);
      const nLearned = state.periods.filter((each) => each.ungated?.learned !== undefined).length;
      const nLeft = periods.length - 1 - nLearned;
      // Most periods have two arms that differ, and two trainings after the first.
      const ms = (nCases - nAsked) * 2 * mean('complete') + nLeft * (1.7 * mean('train') + mean('judge'));
      return `about ${Math.ceil(ms / 60_000)} min left`;
    },
  };
}

function write(figures: ReplayFigures, { flags, context, repository, suggester }: Work): void {
  const { periods, cases, budgetMinutes, seed } = flags;
  const whole = {
    ...{ repository: repository.name, baseModel: suggester.info.name },
    ...{ options: { periods, cases, budgetMinutes, seed }, ...figures },
  };
  const out = resolve(flags.out);
  writeFileAtomic(out, `${JSON.stringify(whole, undefined, 2)}\n`);
  const picture = `${out.replace(/\.json$/, '')}.svg`;
  writeFileAtomic(picture, drawLearning(figures, repository.name));
  if (flags.json === true) return context.write(JSON.stringify(whole));
  for (const arm of armNames) {
    const { nShown, nAccepted, retainedCharsPerShown, gainPerCase } = figures.total[arm];
    const { mean, low, high } = gainPerCase;
    const gain =
      arm === 'never'
        ? ''
        : `, ${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) more a line than never`;
    context.write(
      `${arm.padEnd(8)} ${retainedCharsPerShown.toFixed(2)} retained characters per suggestion shown; ${nAccepted} of ${nShown} accepted${gain}`,
    );
  }
  context.write(`Figures in ${out}, picture in ${picture}.`);
}
