/** From what dataset and trainer tell to one share of the whole, the time left, and whether the processor is shared. Pure but for its memory. */

import type { TrainerLoad } from '../training/run/trainingJob.ts';
import type { LoopProgress } from './loopWork.ts';
import type { RepositoryTrainingProgress } from './trainRepository.ts';

/** A dashboard draws no more. */
const maxLosses = 200;
/** What each stage takes of building a dataset, roughly; the bar goes forward only. */
const datasetShares = { history: 0.3, files: 0.1, prompts: 0.4, tokens: 0.2 } as const;
/** The bar is full when the adapter is stored, not before. */
const almostAll = 0.99;
/** Shorter spans of processor time say little: a thread waits for another at the end of each step. */
const minLoadMs = 10_000;
const maxLoadMs = 30_000;
/** A trainer that gets less than this share of its threads' time is slowed down by others. */
const slowBelow = 0.5;

export interface ProgressMeterProps {
  /** Computing time that the steps may take. */
  readonly budgetMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

type Told = Extract<RepositoryTrainingProgress, { kind: 'training' }>['progress'];

/**
 * For one training. Until the number of steps is known, progress is the time spent against the budget; then it is the time
 * spent against what the steps so far say of the rest. Ask for `progress` as often as wanted: time counts without news.
 */
export class ProgressMeter {
  readonly #props: ProgressMeterProps;
  readonly #losses: { readonly step: number; readonly loss: number }[] = [];
  readonly #stopwatch: Stopwatch;
  #dataset: LoopProgress = { share: 0, stage: 'history' };
  #told: Told | undefined;
  #toldAtMs = 0;
  /** What measuring took before the first step: it will take as long after the last. */
  #measuring: { sinceMs: number; tookMs: number } | undefined;
  #loads: TrainerLoad[] = [];
  #share = 0;

  constructor(props: ProgressMeterProps) {
    this.#props = props;
    this.#stopwatch = new Stopwatch(props.nowMs);
  }

  tell(progress: RepositoryTrainingProgress): void {
    if (progress.kind === 'dataset') this.#dataset = datasetProgress(progress, this.#dataset.share);
    else this.#tellTraining(progress.progress);
  }

  tellLoad(load: TrainerLoad): void {
    this.#loads = [
      ...this.#loads.filter(
        ({ workedMs }) => load.workedMs - workedMs <= maxLoadMs && workedMs <= load.workedMs,
      ),
      load,
    ];
  }

  /** Time in which the trainer is held does not count. */
  set isPaused(isPaused: boolean) {
    this.#stopwatch.isPaused = isPaused;
  }

  get progress(): LoopProgress {
    const told = this.#told;
    if (told === undefined) return this.#dataset;
    const leftMs = this.#leftMs(told);
    const isKnown = told.secondsLeft !== undefined || told.stage === 'saving';
    // A trial step that takes longer than the whole budget says nothing of the rest yet.
    const mostMs = isKnown ? Infinity : this.#props.budgetMs;
    const spentMs = Math.min(mostMs, Math.max(this.#stopwatch.ms, stepMs(told) * told.step));
    const share = Math.min(almostAll, spentMs / Math.max(1, spentMs + leftMs));
    this.#share = Math.max(this.#share, told.stage === 'saving' ? 1 : share);
    const { stage, step, nSteps, tokensPerSecond } = told;
    return {
      ...{ share: this.#share, stage },
      ...(spentMs < mostMs ? { secondsLeft: Math.round(leftMs / 1000) } : {}),
      ...(nSteps > 0 ? { step, nSteps } : {}),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
      ...(isSlow(this.#loads) ? { isSlow: true } : {}),
      losses: thin(this.#losses.map(({ loss }) => loss)),
    };
  }

  #tellTraining(told: Told): void {
    if (this.#told === undefined) this.#stopwatch.start();
    const nowMs = this.#stopwatch.ms;
    if (told.stage === 'measuring' && told.step === 0) this.#measuring ??= { sinceMs: nowMs, tookMs: 0 };
    if (told.stage === 'training' && this.#told?.stage === 'measuring' && this.#measuring !== undefined)
      this.#measuring.tookMs = Math.max(0, nowMs - stepMs(told) * told.step - this.#measuring.sinceMs);
    if (told.stage === 'training' && told.loss !== undefined && told.step !== this.#losses.at(-1)?.step)
      this.#losses.push({ step: told.step, loss: told.loss });
    // A new stage counts from here; within one, the same news again says nothing new.
    if (told.stage !== this.#told?.stage || told.step !== this.#told.step) this.#toldAtMs = nowMs;
    // What the steps said of their pace holds on while the result is measured.
    const isAfter = told.stage !== 'training' && told.step > 0;
    this.#told = isAfter && this.#told !== undefined ? { ...this.#told, ...told } : told;
  }

  #leftMs({ stage, step, nSteps, secondsLeft }: Told): number {
    const measuringMs = this.#measuring?.tookMs ?? 0;
    const sinceMs = this.#stopwatch.ms - this.#toldAtMs;
    if (stage === 'saving') return 0;
    if (nSteps > 0 && step >= nSteps) return Math.max(0, measuringMs - sinceMs);
    if (secondsLeft === undefined) return this.#props.budgetMs;
    return Math.max(0, secondsLeft * 1000 - sinceMs) + measuringMs;
  }
}

/** Of evaluating: how much is done, and how long the rest takes at this pace; undefined while that is a guess. */
export function paceProgress(share: number, spentMs: number): LoopProgress {
  if (share < 0.05) return { share };
  return { share, secondsLeft: Math.round((spentMs * (1 - share)) / share / 1000) };
}

class Stopwatch {
  readonly #nowMs: () => number;
  #ranMs = 0;
  #sinceMs: number | undefined;
  #isPaused = false;
  #hasStarted = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  start(): void {
    this.#hasStarted = true;
    if (!this.#isPaused) this.#sinceMs = this.#nowMs();
  }

  set isPaused(isPaused: boolean) {
    this.#ranMs = this.ms;
    this.#isPaused = isPaused;
    this.#sinceMs = isPaused || !this.#hasStarted ? undefined : this.#nowMs();
  }

  get ms(): number {
    return this.#ranMs + (this.#sinceMs === undefined ? 0 : this.#nowMs() - this.#sinceMs);
  }
}

function datasetProgress(
  { stage, nDone, nAll }: Extract<RepositoryTrainingProgress, { kind: 'dataset' }>,
  before: number,
): LoopProgress {
  const stages = Object.keys(datasetShares) as (keyof typeof datasetShares)[];
  const done = stages.slice(0, stages.indexOf(stage)).reduce((sum, each) => sum + datasetShares[each], 0);
  const ofStage = nAll > 0 ? Math.min(1, Math.max(0, nDone / nAll)) : 0;
  return { share: Math.max(before, done + datasetShares[stage] * ofStage), stage };
}

/** Of each step so far; 0 while unknown. */
function stepMs({ step, nSteps, secondsLeft }: Told): number {
  if (secondsLeft === undefined || step === 0 || nSteps <= step) return 0;
  return (secondsLeft * 1000) / (nSteps - step);
}

function isSlow(loads: readonly TrainerLoad[]): boolean {
  const [first, last] = [loads[0], loads.at(-1)];
  if (first === undefined || last === undefined) return false;
  const workedMs = last.workedMs - first.workedMs;
  if (workedMs < minLoadMs) return false;
  return (last.cpuMs - first.cpuMs) / (workedMs * last.nThreads) < slowBelow;
}

/** Evenly spread, the first and the last among them. */
export function thin(values: readonly number[], max = maxLosses): number[] {
  if (values.length <= max) return [...values];
  return Array.from(
    { length: max },
    (_, i) => values[Math.round((i * (values.length - 1)) / (max - 1))] ?? 0,
  );
}
