/** A loop over a registry in memory, whose work a test ends by hand, and which can be killed and begun again. */

import { toDisposable } from '../../../server/base/disposable.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { defaultCanaryRules } from '../../../server/learning/judgeCanary.ts';
import { LearningLoop } from '../../../server/learning/loop.ts';
import type { LoopSettings } from '../../../server/learning/loopSettings.ts';
import type { TrainingPlan } from '../../../server/learning/loopState.ts';
import type { LoopWork, Trained, TrainWatch } from '../../../server/learning/loopWork.ts';
import { Machine } from '../../../server/learning/machine.ts';
import type { EvalReport } from '../../../protocol/evalReport.ts';
import { key, report, withRegistry } from '../registry/registryFixture.ts';
import type { Fixture } from '../registry/registryFixture.ts';

export interface Task {
  readonly kind: 'train' | 'judge';
  readonly plan: TrainingPlan;
  readonly candidate?: string;
  readonly champion?: string;
  readonly watch?: TrainWatch;
  readonly signal: AbortSignal;
  end(result: Trained | EvalReport): void;
  fail(error: unknown): void;
}

export interface LoopFixture extends Fixture {
  loop: LearningLoop;
  readonly machine: Machine;
  /** Of all that was begun, in order. */
  readonly tasks: Task[];
  readonly discarded: string[];
  readonly settings: { -readonly [Name in keyof LoopSettings]: LoopSettings[Name] };
  nNewExamples: number;
  head: string | undefined;
  /** Kills the process and starts another one. */
  restart(): Promise<void>;
  /** Time passes, in steps of the loop's own, at most twenty. */
  pass(ms: number): Promise<void>;
  settle(): Promise<void>;
  /** Ends the training under way with an adapter of this text. @returns its digest. */
  finishTraining(text: string): Promise<string>;
  finishJudging(verdict: EvalReport['verdict']): Promise<void>;
  kind(): string;
}

export async function withLoop(
  body: (fixture: LoopFixture) => Promise<void>,
  wish: { settings?: Partial<LoopSettings>; head?: string; groundPath?: string } = {},
): Promise<void> {
  await withRegistry(
    async (registryFixture) => {
      const { clock, registry, ground, store } = registryFixture;
      const machine = new Machine({
        clock,
        readPower: () => Promise.resolve('mains'),
        takeLock: () => toDisposable(() => undefined),
      });
      const tasks: Task[] = [];
      let nIds = 0;
      const settings: LoopFixture['settings'] = {
        isAutomatic: true,
        approval: 'auto',
        minNewExamples: 100,
        minIntervalMs: 3_600_000,
        minIdleMs: 60_000,
        isBatteryAllowed: false,
        budgetMs: 1000,
        canaryShare: 0,
        canaryDays: 7,
        ...wish.settings,
      };
      const begin = (task: Omit<Task, 'end' | 'fail'>): Promise<Trained | EvalReport> =>
        new Promise((resolve, reject) => {
          tasks.push({ ...task, end: resolve, fail: reject });
          task.signal.addEventListener('abort', () => reject(task.signal.reason as Error));
        });
      const work: LoopWork = {
        head: () => Promise.resolve(fixture.head),
        countNewExamples: () => Promise.resolve(fixture.nNewExamples),
        train: (plan, watch, signal) => begin({ kind: 'train', plan, watch, signal }) as Promise<Trained>,
        judge: (task, _onProgress, signal) =>
          begin({ kind: 'judge', ...task, signal }) as Promise<EvalReport>,
        discard: (plan) => void fixture.discarded.push(plan.id),
        scoreKept: () => Promise.resolve(0),
        retainedChars: () => [],
      };
      const create = () =>
        new LearningLoop({
          ...{ key, name: 'shop', registry, work, machine, clock, logger: silentLogger },
          loopStates: ground.loopStates,
          shadowScores: ground.shadowScores,
          newId: () => `id${nIds++}`,
          settings: () => settings,
          unable: () => undefined,
          rules: defaultCanaryRules,
        });
      const fixture: LoopFixture = {
        ...registryFixture,
        ...{ machine, tasks, discarded: [], settings, nNewExamples: 0 },
        head: 'head' in wish ? wish.head : 'commit1',
        loop: undefined as unknown as LearningLoop,
        async restart() {
          fixture.loop.dispose();
          fixture.loop = create();
          await settle();
        },
        async pass(ms) {
          const stepMs = Math.max(15_000, ms / 20);
          for (let left = ms; left > 0; left -= stepMs) {
            clock.advance(Math.min(left, stepMs));
            await settle();
          }
        },
        settle,
        async finishTraining(text) {
          const task = tasks.at(-1);
          const adapter = await store(text);
          task?.end({ kind: 'trained', adapter });
          await settle();
          return adapter.digest;
        },
        async finishJudging(verdict) {
          const task = tasks.at(-1);
          task?.end(report(task.candidate ?? '', task.champion ?? '', verdict));
          await settle();
        },
        kind: () => fixture.loop.view.state.kind,
      };
      fixture.loop = create();
      await settle();
      try {
        await body(fixture);
      } finally {
        fixture.loop.dispose();
        machine.dispose();
      }
    },
    wish.groundPath === undefined ? {} : { groundPath: wish.groundPath },
  );
}

/** Lets what is resolved already be seen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}
