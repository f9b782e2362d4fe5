/** Runs a loop's work one after the other, each in its turn on the machine, and tells what came of it as events. */

import type { Disposable } from '../base/disposable.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { EvalReport } from '../../protocol/evalReport.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import type { LoopEvent, TrainingPlan, WorkEffect } from './loopState.ts';
import type { LoopProgress, LoopWork } from './loopWork.ts';
import type { Machine } from './machine.ts';
import { yieldToEditor } from './yieldToEditor.ts';

export interface WorkRunnerProps {
  readonly name: string;
  readonly work: LoopWork;
  readonly machine: Machine;
  readonly logger: Logger;
  isBatteryAllowed(plan: TrainingPlan): boolean;
  /** `made`: what is to be stored in the same transaction. */
  onEvent(event: LoopEvent, made?: { readonly adapter?: StoredAdapter; readonly report?: EvalReport }): void;
  /** Undefined: nothing is known (any more). */
  onProgress(progress: LoopProgress | undefined): void;
  /** Why the work holds, a sentence, or undefined. */
  onHold(why: string | undefined): void;
}

type Run = Extract<WorkEffect, { kind: 'train' | 'judge' }>;

export class WorkRunner implements Disposable {
  readonly #props: WorkRunnerProps;
  #current: AbortController | undefined;
  #tail: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(props: WorkRunnerProps) {
    this.#props = props;
  }

  carryOut(effect: WorkEffect): void {
    switch (effect.kind) {
      case 'stop':
        this.#current?.abort();
        this.#current = undefined;
        return;
      case 'discard':
        return this.#then(async () => this.#props.work.discard(effect.plan));
      default: {
        const abort = new AbortController();
        this.#current = abort;
        return this.#then(() => this.#run(effect, abort.signal));
      }
    }
  }

  /** Ends what runs; its checkpoints stay. */
  dispose(): void {
    this.#isDisposed = true;
    this.#current?.abort();
  }

  #then(next: () => Promise<void>): void {
    this.#tail = this.#tail.then(next).catch((error: unknown) => {
      this.#props.logger.error('learning', 'work', { error: describeError(error) });
    });
  }

  async #run(effect: Run, signal: AbortSignal): Promise<void> {
    const { machine, name, onHold, onProgress } = this.#props;
    if (signal.aborted) return;
    let turn: Disposable | undefined;
    try {
      const other = machine.busyWith(name);
      if (other !== undefined) onHold(`Starts when the training of ${other} has ended.`);
      turn = await machine.takeTurn(name, signal);
      onHold(undefined);
      if (effect.kind === 'train') await this.#train(effect.plan, signal);
      else await this.#judge(effect, signal);
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: 'failed', planId: effect.plan.id, ...explain(error) });
    } finally {
      turn?.dispose();
      onHold(undefined);
      onProgress(undefined);
    }
  }

  async #train(plan: TrainingPlan, signal: AbortSignal): Promise<void> {
    const { work, machine, onHold, onProgress } = this.#props;
    let yielding: Disposable | undefined;
    try {
      const watch = {
        onProgress,
        onBuilt: (datasetDigest: string) => this.#tell({ kind: 'built', planId: plan.id, datasetDigest }),
        onTrainer: (training: { pause(): void; resume(): void }) => {
          const isBatteryAllowed = () => this.#props.isBatteryAllowed(plan);
          yielding = yieldToEditor({ machine, training, isBatteryAllowed, onPaused: onHold });
        },
      };
      const result = await work.train(plan, watch, signal);
      if (result.kind === 'declined')
        this.#tell({ kind: 'declined', planId: plan.id, reason: result.reason });
      else {
        const { adapter } = result;
        this.#tell({ kind: 'trained', planId: plan.id, candidate: adapter.digest }, { adapter });
      }
    } finally {
      yielding?.dispose();
    }
  }

  async #judge(task: Extract<Run, { kind: 'judge' }>, signal: AbortSignal): Promise<void> {
    const report = await this.#props.work.judge(task, this.#props.onProgress, signal);
    const { verdict } = report;
    const planId = task.plan.id;
    const event = {
      kind: 'judged',
      planId,
      champion: task.champion,
      verdict,
      reason: reasonOf(report),
    } as const;
    if (!signal.aborted) this.#tell(event, { report });
  }

  #tell(...news: Parameters<WorkRunnerProps['onEvent']>): void {
    if (!this.#isDisposed) this.#props.onEvent(...news);
  }
}

/** Of a refusal, each rule that does not hold; else what it gains. */
function reasonOf({ rules, verdict }: EvalReport): string {
  const told = rules.filter((rule) => (verdict === 'refuse' ? !rule.holds : rule.rule === 'nll'));
  return told.length === 0 ? 'It passed every check.' : told.map((rule) => rule.reason).join(' ');
}

function explain(error: unknown): { reason: string; remedy?: string } {
  if (!(error instanceof IdiomError)) return { reason: `The work failed: ${describeError(error)}.` };
  const { message, remedy } = error;
  return remedy === undefined ? { reason: message } : { reason: message, remedy };
}
