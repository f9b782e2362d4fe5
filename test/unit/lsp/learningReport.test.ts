/** A client is told where loops stand: at once, then at most four times a second, and never the same twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RepositoryLearning } from '../../../protocol/learning.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import { defaultCanaryRules } from '../../../server/learning/judgeCanary.ts';
import type { LoopView } from '../../../server/learning/loop.ts';
import { describeLearning, describeNoLoop } from '../../../server/lsp/describeLearning.ts';
import { reportLearning } from '../../../server/lsp/learningReport.ts';

const repository = { repoId: 'repo', name: 'shop', root: '/shop' };

test('changes are gathered for a quarter of a second, and what is the same is not told again', () => {
  const clock = new ManualClock();
  const changes = new Emitter<undefined>();
  const told: string[] = [];
  let detail = 'one';
  const report = reportLearning({
    clock,
    repositories: () => [{ ...describeNoLoop(repository, undefined), detail }],
    onChange: (listener) => changes.on(() => listener()),
    send: ({ repositories }) => told.push(repositories[0]?.detail ?? ''),
  });
  for (const next of ['two', 'three']) {
    detail = next;
    changes.fire(undefined);
  }
  clock.advance(249);
  assert.deepEqual(told, ['one']);
  clock.advance(1);
  changes.fire(undefined);
  clock.advance(250);
  assert.deepEqual(told, ['one', 'three']);
  detail = 'four';
  changes.fire(undefined);
  report.dispose();
  clock.advance(1000);
  assert.deepEqual(told, ['one', 'three']);
});

const plan = {
  id: 'p',
  cause: 'volume',
  seed: 1,
  untilMs: 1,
  parent: 'task',
  budgetMs: 1,
  nRetries: 0,
} as const;
const canary = { kind: 'canary', sinceMs: 7, plan, candidate: 'new', champion: 'task' } as const;
const standing = { nScored: 3, meanGain: 0.1, low: -0.2, high: 0.4 };
const view: LoopView = {
  key: { repoId: 'repo', baseDigest: 'base' },
  name: 'shop',
  state: { kind: 'idle', sinceMs: 0 },
  detail: 'Nothing new.',
  nNewExamples: 4,
  nWanted: 200,
};

function check(
  name: string,
  changes: Partial<LoopView>,
  canaryToday: string | undefined,
  expected: Partial<RepositoryLearning>,
): void {
  test(name, () => {
    const facts = { serving: { name: 'task' }, canaryToday, canaryShare: 0.1, rules: defaultCanaryRules };
    const common = { ...repository, detail: 'Nothing new.', nNewExamples: 4, nWanted: 200, serving: 'task' };
    assert.deepEqual(describeLearning(repository, { ...view, ...changes }, facts), {
      ...common,
      ...expected,
    });
  });
}

check('at rest', {}, undefined, { state: 'idle' });
check(
  'a canary with its figures and thresholds, on a day on which it serves',
  {
    state: canary,
    canary: { state: canary, judgement: { standing, decision: 'wait', why: 'Not sure yet.' } },
  },
  'new',
  {
    state: 'canary',
    serving: 'new',
    servingNotice: 'The version on trial is in use today.',
    canary: { digest: 'new', sinceMs: 7, share: 0.1, ...standing, promoteAbove: 0, rollBackBelow: 0 },
  },
);
check(
  'a canary that waits for a person',
  { state: { ...canary, awaitsApproval: 'It is better.' } },
  undefined,
  {
    state: 'canary',
    awaitsApproval: 'new',
  },
);
check(
  'a training that a person ended',
  { state: { kind: 'collecting', sinceMs: 0, wasCanceled: true } },
  undefined,
  { state: 'collecting', wasCanceled: true },
);
check(
  'a training with its progress',
  {
    state: { kind: 'training', sinceMs: 0, plan, datasetDigest: 'd' },
    progress: { share: 0.5, losses: [2, 1] },
  },
  undefined,
  { state: 'training', progress: { share: 0.5, losses: [2, 1] } },
);
