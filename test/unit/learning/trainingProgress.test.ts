/** What a person is told of a training: a share that goes forward, the time left, who else computes, and a curve that never grows too long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paceProgress, ProgressMeter, thin } from '../../../server/learning/trainingProgress.ts';
import type { RepositoryTrainingProgress } from '../../../server/learning/trainRepository.ts';

type Dataset = Extract<RepositoryTrainingProgress, { kind: 'dataset' }>;
type Training = Extract<RepositoryTrainingProgress, { kind: 'training' }>['progress'];
type Event = { readonly s: number } & (
  | { readonly stage: Dataset['stage']; readonly done: number }
  | { readonly told: Training }
  | { readonly cpu: number }
  | { readonly isPaused: boolean }
  | object
);

const loading: Training = { stage: 'loading', step: 0, nSteps: 0 };
const measuring: Training = { stage: 'measuring', step: 0, nSteps: 10 };
const step = (at: number, secondsLeft: number): Training => ({
  ...{ stage: 'training', step: at, nSteps: 10, loss: 3 - at / 10, secondsLeft },
});

/** "share stage left", each at its second; the budget is 100 s, two threads compute. */
function check(name: string, events: readonly Event[], expected: readonly string[]): void {
  test(name, () => {
    let nowMs = 0;
    const meter = new ProgressMeter({ budgetMs: 100_000, nowMs: () => nowMs });
    const told = events.map((event) => {
      nowMs = event.s * 1000;
      if ('stage' in event) meter.tell({ kind: 'dataset', stage: event.stage, nDone: event.done, nAll: 10 });
      if ('told' in event) meter.tell({ kind: 'training', progress: event.told });
      if ('cpu' in event) meter.tellLoad({ cpuMs: event.cpu * 1000, workedMs: nowMs, nThreads: 2 });
      if ('isPaused' in event) meter.isPaused = event.isPaused;
      const { share, stage, secondsLeft, isSlow } = meter.progress;
      const left = secondsLeft === undefined ? '' : ` ${secondsLeft}s`;
      return `${Math.floor(share * 100)}% ${stage}${left}${isSlow === true ? ' slow' : ''}`;
    });
    assert.deepEqual(told, expected);
  });
}

check(
  'a dataset goes forward through its stages',
  [
    { s: 0 },
    { s: 1, stage: 'history', done: 5 },
    { s: 2, stage: 'files', done: 0 },
    { s: 3, stage: 'prompts', done: 5 },
    { s: 4, stage: 'tokens', done: 10 },
  ],
  ['0% history', '15% history', '30% files', '60% prompts', '100% tokens'],
);
check(
  'until steps are known, time counts against the budget',
  [{ s: 50, told: loading }, { s: 60 }, { s: 75, told: measuring }, { s: 100 }],
  ['0% loading 100s', '9% loading 100s', '20% measuring 100s', '33% measuring 100s'],
);
check(
  'steps that are known count by their pace, and time goes on between them',
  [
    { s: 0, told: loading },
    { s: 0, told: measuring },
    { s: 20, told: step(1, 180) },
    { s: 30 },
    { s: 40, told: step(2, 160) },
  ],
  ['0% loading 100s', '0% measuring 100s', '10% training 180s', '15% training 170s', '20% training 160s'],
);
check(
  'what measuring took before is left for after',
  [
    { s: 0, told: measuring },
    { s: 40, told: step(1, 90) },
    { s: 130, told: step(10, 0) },
    { s: 130, told: { ...measuring, step: 10 } },
    { s: 160, told: { stage: 'saving', step: 10, nSteps: 10 } },
  ],
  ['0% measuring 100s', '25% training 120s', '81% training 30s', '81% measuring 30s', '100% saving 0s'],
);
check(
  'a trial that takes longer than the budget stops at the half, without a time',
  [{ s: 0, told: loading }, { s: 90 }, { s: 500 }],
  ['0% loading 100s', '47% loading 100s', '50% loading'],
);
check(
  'a machine that became busier takes nothing back',
  [
    { s: 0, told: step(1, 9) },
    { s: 5, told: step(5, 5) },
    { s: 6, told: step(6, 50) },
  ],
  ['10% training 9s', '50% training 5s', '60% training 50s'],
);
check(
  'a training that goes on from a checkpoint counts what was done before',
  [
    { s: 0, told: loading },
    { s: 10, told: step(8, 20) },
  ],
  ['0% loading 100s', '80% training 20s'],
);
check(
  'a pause counts for nothing',
  [{ s: 0, told: loading }, { s: 25, isPaused: true }, { s: 525 }, { s: 525, isPaused: false }, { s: 550 }],
  ['0% loading 100s', '20% loading 100s', '20% loading 100s', '20% loading 100s', '33% loading 100s'],
);
check(
  'a process that gets less than half of its threads is slow, once there is enough to tell',
  [
    { s: 0, told: loading },
    { s: 5, cpu: 1 },
    { s: 10, cpu: 2 },
    { s: 20, cpu: 4 },
    { s: 50, cpu: 60 },
  ],
  ['0% loading 100s', '4% loading 100s', '9% loading 100s', '16% loading 100s slow', '33% loading 100s'],
);

test('the losses of each step come once', () => {
  const meter = new ProgressMeter({ budgetMs: 1000, nowMs: () => 0 });
  for (const progress of [step(1, 9), step(1, 9), step(2, 8)]) meter.tell({ kind: 'training', progress });
  assert.deepEqual(meter.progress.losses, [2.9, 2.8]);
});

test('an evaluation tells the time left once it has a pace', () => {
  assert.deepEqual(paceProgress(0.01, 5000), { share: 0.01 });
  assert.deepEqual(paceProgress(0.25, 30_000), { share: 0.25, secondsLeft: 90 });
});

test('a long curve is thinned, its ends stay', () => {
  const thinned = thin(
    Array.from({ length: 1000 }, (_, i) => i),
    5,
  );
  assert.deepEqual(thinned, [0, 250, 500, 749, 999]);
  assert.deepEqual(thin([1, 2], 5), [1, 2]);
});
