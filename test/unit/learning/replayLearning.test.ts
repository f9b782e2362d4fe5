/** Playing history with learning in between: who serves when, what is learned from, what it was worth, and going on after a kill. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { neverAborts } from '../../../server/base/abort.ts';
import { drawLearning } from '../../../server/cli/drawLearning.ts';
import { cutRuns, replayPeriods } from '../../../server/evaluation/replayPeriods.ts';
import type { ReplayPeriod } from '../../../server/evaluation/replayPeriods.ts';
import { openRepository } from '../../../server/git/repository.ts';
import { replayFigures } from '../../../server/learning/replayFigures.ts';
import { replayLearning } from '../../../server/learning/replayLearning.ts';
import type { ReplayState, ReplaySteps, TrainTask } from '../../../server/learning/replayLearning.ts';
import { createHistory, growingHistory } from '../training/dataset/historyFixture.ts';

const period = (idx: number, middles: readonly string[]): ReplayPeriod => ({
  commits: [{ id: `c${idx}`, timeMs: idx * 1000, firstParent: undefined }],
  cases: middles.map((middle, i) => ({
    ...{ id: `${idx}.${i}`, commit: `c${idx}`, parent: undefined, path: 'a.ts', line: 1, timeMs: idx * 1000 },
    ...{ prefix: 'x = ', suffix: '\n', middle },
  })),
});
const periods = [period(1, ['aaaa', 'bbbb']), period(2, ['cccc', 'dddd']), period(3, ['eeee', 'ffff'])];

/** What each adapter knows; it writes `?` where it does not, and nothing for `ffff`. */
const known: Readonly<Record<string, string>> = {
  task: 'aaaa',
  'task+': 'aaaa cccc',
  'task++': 'aaaa cccc eeee',
};

interface Played {
  readonly asked: string[];
  readonly trained: TrainTask[];
  readonly judged: string[];
  readonly saved: ReplayState[];
  readonly steps: ReplaySteps;
}

/** The gate passes what `passes` names; the n-th step fails, if asked for. */
function player(passes: readonly string[] = ['task+', 'task++'], failAt = Infinity): Played {
  let nSteps = 0;
  const step = () => {
    if (++nSteps > failAt) throw new Error('killed');
  };
  const [asked, trained, judged, saved]: [string[], TrainTask[], string[], ReplayState[]] = [[], [], [], []];
  return {
    ...{ asked, trained, judged, saved },
    steps: {
      async complete(one, adapter) {
        step();
        asked.push(`${adapter} ${one.middle}`);
        if (one.middle === 'ffff') return '';
        return known[adapter]?.includes(one.middle) === true ? one.middle : '?';
      },
      async train(task) {
        step();
        trained.push(task);
        return { adapter: `${task.parent}+` };
      },
      async judge({ candidate, champion }) {
        step();
        judged.push(`${candidate} against ${champion}`);
        return { passed: passes.includes(candidate), reason: 'Measured.' };
      },
      onState: (state) => saved.push(structuredClone(state)),
    },
  };
}

const served = (state: ReplayState, arm: 'never' | 'gated' | 'ungated') =>
  state.periods.map((each) => each[arm]?.adapter).join(' ');

test('each arm is served by what it learned; the same is asked and trained once', async () => {
  const { asked, trained, judged, steps } = player();
  const state = await replayLearning(steps, periods, 'task');
  assert.equal(served(state, 'never'), 'task task task');
  assert.equal(served(state, 'gated'), 'task task+ task++');
  assert.equal(served(state, 'ungated'), 'task task+ task++');
  assert.equal(asked.length, 2 + 4 + 4);
  assert.deepEqual(
    trained.map((task) => [task.parent, task.asOf, task.untilMs]),
    [
      ['task', 'c1', 1000],
      ['task+', 'c2', 2000],
    ],
  );
  assert.deepEqual(judged, ['task+ against task', 'task++ against task+']);
});

test('what the gate refuses does not serve, and learning begins again from what does', async () => {
  const { trained, judged, steps } = player([]);
  const state = await replayLearning(steps, periods, 'task');
  assert.equal(served(state, 'gated'), 'task task task');
  assert.equal(served(state, 'ungated'), 'task task+ task++');
  assert.deepEqual(
    trained.map((task) => task.parent),
    ['task', 'task', 'task+'],
  );
  assert.deepEqual(judged, ['task+ against task', 'task+ against task']);
});

test('where there is too little to learn, the same goes on', async () => {
  const { judged, steps } = player();
  const declining = { ...steps, train: () => Promise.resolve({ declined: 'There is too little.' }) };
  const state = await replayLearning(declining, periods, 'base');
  assert.equal(served(state, 'ungated'), 'base base base');
  assert.deepEqual(
    [state.periods[0]?.gated?.learned, judged],
    [{ kind: 'declined', reason: 'There is too little.' }, []],
  );
});

test('the developer accepts what fits exactly, and keeps the own line otherwise', async () => {
  const { trained, steps } = player();
  await replayLearning(steps, periods, 'task');
  assert.deepEqual(
    trained[1]?.outcomes.map((each) => `${each.kind} ${each.text} ${each.keptText ?? ''} ${each.atMs}`),
    ['accepted aaaa aaaa 1000', 'rejected ? bbbb 1000', 'accepted cccc cccc 2000', 'rejected ? dddd 2000'],
  );
  assert.equal(trained[0]?.outcomes.length, 2, 'nothing of what comes later');
});

test('killed at any step, it goes on and comes to the same', async () => {
  const whole = await replayLearning(player(['task+']).steps, periods, 'task');
  for (let failAt = 0; failAt < 14; failAt++) {
    const first = player(['task+'], failAt);
    await assert.rejects(replayLearning(first.steps, periods, 'task'), /killed/);
    const second = player(['task+']);
    const state = await replayLearning(second.steps, periods, 'task', first.saved.at(-1));
    assert.deepEqual(state, whole);
    const nTrained = first.trained.length + second.trained.length;
    assert.ok(nTrained <= 2, `${nTrained} trainings after a kill at step ${failAt}`);
  }
});

test('the figure is retained characters for each suggestion shown', async () => {
  const state = await replayLearning(player().steps, periods, 'task');
  const { periods: each, total } = replayFigures(periods, state);
  assert.deepEqual(
    each.map(({ arms }) => `${arms.never.retainedCharsPerShown} ${arms.gated.retainedCharsPerShown}`),
    ['2 2', '0 2', '0 4'],
  );
  assert.deepEqual([total.never.nShown, total.never.nAccepted, total.never.retainedChars], [5, 1, 4]);
  assert.deepEqual([total.gated.nAccepted, total.gated.retainedChars], [3, 12]);
  assert.ok(Math.abs(total.gated.gainPerCase.mean - 8 / 6) < 1e-9);
  assert.deepEqual(total.never.gainPerCase, { mean: 0, low: 0, high: 0 });
});

test('what is not done yet does not count', async () => {
  const first = player(undefined, 3);
  await assert.rejects(replayLearning(first.steps, periods, 'task'));
  assert.equal(replayFigures(periods, first.saved.at(-1) ?? { periods: [] }).periods.length, 1);
  assert.equal(replayFigures(periods, { periods: [] }).total.never.nShown, 0);
});

test('the picture tells the arms apart by dashes and words, in light and dark', async () => {
  const figures = replayFigures(periods, await replayLearning(player(['task+']).steps, periods, 'task'));
  const svg = drawLearning(figures, 'a<b');
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"') && svg.endsWith('</svg>\n'));
  for (const part of [
    'prefers-color-scheme: dark',
    'never learning',
    'with the gate',
    'a&#60;b',
    'role="img"',
    '1970-01',
  ]) {
    assert.ok(svg.includes(part), part);
  }
  assert.equal(svg.match(/stroke-dasharray/g)?.length, 2);
  assert.equal(
    svg.match(/<circle class="dot [a-z]+ promoted"/g)?.length,
    3,
    'one of the gated arm, two of the other',
  );
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
  assert.ok(!/NaN|undefined|Infinity/.test(drawLearning(replayFigures(periods, { periods: [] }), 'r')));
});

for (const [n, nRuns, expected] of [
  [10, 2, '4,5,6 7,8,9'],
  [10, 3, '4,5 6,7 8,9'],
  [5, 3, '2 3 4'],
  [4, 3, '1 2 3'],
  [3, 3, ''],
  [0, 2, ''],
] as const) {
  test(`${n} commits in ${nRuns} periods`, () =>
    assert.equal(
      cutRuns([...Array(n).keys()], nRuns)
        .map((run) => run.join())
        .join(' '),
      expected,
    ));
}

const grown = createHistory(growingHistory(30));
after(() => grown.dispose());

test('periods of a repository follow each other, with lines of their own commits', async () => {
  const repository = await openRepository(grown.root);
  assert(repository !== undefined);
  const drawn = await replayPeriods(repository, {
    ...{ nPeriods: 3, casesPerPeriod: 5, maxCommits: 100, random: seededRandom(1), signal: neverAborts },
    isLeftOut: () => false,
  });
  const times = drawn.flatMap((each) => each.commits.map((commit) => commit.timeMs));
  assert.deepEqual([drawn.length, times], [3, [...times].sort((a, b) => a - b)]);
  for (const { commits, cases } of drawn) {
    assert.equal(cases.length, 5);
    assert.ok(
      cases.every((one) =>
        commits.some((commit) => commit.id === one.commit && commit.timeMs === one.timeMs),
      ),
    );
    assert.ok(new Set(cases.map((one) => one.commit)).size >= 3, 'spread over the commits');
  }
});
