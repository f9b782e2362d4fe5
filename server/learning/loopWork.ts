/** What a loop has done by others: training, judging, scoring. Types only; repositoryWork.ts does it for a repository. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import type { DatasetStage } from '../training/dataset/buildDataset.ts';
import type { TrainingProgress } from '../training/run/trainingJob.ts';
import type { Canary, Evaluating, LoopMemory, TrainingPlan } from './loopState.ts';
import type { Pausable } from './yieldToEditor.ts';

/** As protocol/learning.ts explains it. */
export interface LoopProgress {
  readonly share: number;
  readonly stage?: DatasetStage | TrainingProgress['stage'];
  readonly secondsLeft?: number;
  readonly isSlow?: boolean;
  readonly step?: number;
  readonly nSteps?: number;
  readonly tokensPerSecond?: number;
  readonly losses?: readonly number[];
}

export interface TrainWatch {
  onBuilt(datasetDigest: string): void;
  onProgress(progress: LoopProgress): void;
  /** Lends the running child. */
  onTrainer(training: Pausable): void;
}

export type Trained =
  | { readonly kind: 'trained'; readonly adapter: StoredAdapter }
  /** There is too little to learn from; full sentences. */
  | { readonly kind: 'declined'; readonly reason: string };

export interface LoopWork {
  /** Full id of the newest commit; undefined outside of git. */
  head(): Promise<string | undefined>;
  /** What a training would find that the last one did not. */
  countNewExamples(learned: LoopMemory['learned']): Promise<number>;
  /**
   * The same plan comes to the same adapter; ended at any point, it goes on from its checkpoint.
   * @throws IdiomError, or the signal's reason when aborted.
   */
  train(plan: TrainingPlan, watch: TrainWatch, signal: AbortSignal): Promise<Trained>;
  /** Removes what an unfinished training left; when there is nothing, nothing happens. */
  discard(plan: TrainingPlan): void;
  /** Judges a candidate against a champion; stores nothing. @throws as `train`. */
  judge(
    task: Pick<Evaluating, 'plan' | 'candidate' | 'champion'>,
    onProgress: (progress: LoopProgress) => void,
    signal: AbortSignal,
  ): Promise<EvalReport>;
  /** Scores some more of what was really kept, under both adapters, and stores that. @returns how many. */
  scoreKept(canary: Canary, signal: AbortSignal): Promise<number>;
  /** Retained characters of each shown suggestion of an adapter, oldest first. */
  retainedChars(adapter: string, sinceMs: number, beforeMs: number): number[];
}
