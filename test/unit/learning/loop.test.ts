/** The loop's shell: what it stores and has done, over restarts, pauses, failures and full disks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { key } from '../registry/registryFixture.ts';
import { withLoop } from './loopFixture.ts';
import type { LoopFixture } from './loopFixture.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Leads the loop into a state by a person's command. */
async function lead(
  fixture: LoopFixture,
  to: 'building' | 'training' | 'evaluating' | 'canary',
): Promise<string> {
  await fixture.loop.ask();
  await fixture.settle();
  if (to === 'building') return '';
  fixture.tasks.at(-1)?.watch?.onBuilt('dataset');
  if (to === 'training') return '';
  const digest = await fixture.finishTraining('candidate');
  if (to === 'canary') await fixture.finishJudging('pass');
  assert.equal(fixture.kind(), to);
  return digest;
}

test('a better candidate is trained, judged, put on trial and promoted, and each step is in the log', () =>
  withLoop(async (fixture) => {
    const digest = await lead(fixture, 'canary');
    assert.deepEqual(fixture.registry.aliases(key), { canary: digest });
    await fixture.pass(7 * dayMs);
    assert.equal(fixture.kind(), 'idle');
    assert.deepEqual(fixture.registry.aliases(key), { champion: digest });
    assert.deepEqual(
      fixture.told().filter((entry) => !entry.startsWith('stateChanged')),
      ['promoted candidate', 'canaryStarted candidate', 'trained candidate'],
    );
  }));

for (const state of ['building', 'training', 'evaluating', 'canary'] as const) {
  test(`killed while ${state}, it goes on there with the very same`, () =>
    withLoop(async (fixture) => {
      await lead(fixture, state);
      const before = fixture.loop.view.state;
      const task = fixture.tasks.at(-1);
      const nTasks = fixture.tasks.length;
      await fixture.restart();
      assert.deepEqual(fixture.loop.view.state, before);
      const again = fixture.tasks.slice(nTasks);
      if (state === 'canary') return assert.deepEqual(again, []);
      assert.deepEqual(
        again.map(({ kind, plan, candidate, champion }) => ({ kind, plan, candidate, champion })),
        [{ kind: task?.kind, plan: task?.plan, candidate: task?.candidate, champion: task?.champion }],
      );
    }));

  test(`paused while ${state}, it stops at once and goes on there`, () =>
    withLoop(async (fixture) => {
      await lead(fixture, state);
      const before = fixture.loop.view.state;
      const task = fixture.tasks.at(-1);
      fixture.loop.setPaused(true);
      assert.equal(state === 'canary' || task?.signal.aborted, true);
      await fixture.restart();
      assert.equal(fixture.kind(), 'paused');
      fixture.loop.setPaused(false);
      await fixture.settle();
      assert.deepEqual(fixture.loop.view.state, before);
      assert.equal(fixture.tasks.at(-1)?.plan.id, task?.plan.id);
    }));
}

test('cancelled, nothing of an unfinished training is kept, and it does not begin again by itself', () =>
  withLoop(async (fixture) => {
    await lead(fixture, 'training');
    fixture.nNewExamples = 500;
    fixture.loop.cancel();
    await fixture.pass(hourMs / 2);
    assert.deepEqual(fixture.discarded, [fixture.tasks[0]?.plan.id]);
    assert.equal(fixture.tasks.length, 1);
    assert.match(fixture.told().join(), /stateChanged/);
  }));

test('enough new examples begin a training once the editor is left alone', () =>
  withLoop(async (fixture) => {
    fixture.nNewExamples = 100;
    await fixture.pass(45_000);
    fixture.machine.noteActivity();
    await fixture.pass(45_000);
    assert.equal(fixture.kind(), 'collecting');
    assert.match(fixture.loop.view.detail, /^Ready to train\. Starts when you have been away for 1 minute\./);
    await fixture.pass(45_000);
    assert.equal(fixture.kind(), 'building');
    assert.equal(fixture.tasks[0]?.plan.cause, 'volume');
    assert.equal(fixture.tasks[0]?.plan.asOf, 'commit1');
  }));

test('too few examples are counted and shown', () =>
  withLoop(async (fixture) => {
    fixture.nNewExamples = 37;
    await fixture.pass(90_000);
    assert.equal(fixture.loop.view.detail, '37 new examples; training starts at 100.');
  }));

test('a refused candidate is told and serves nobody', () =>
  withLoop(async (fixture) => {
    await lead(fixture, 'evaluating');
    await fixture.finishJudging('refuse');
    assert.equal(fixture.kind(), 'idle');
    assert.match(
      fixture.loop.view.detail,
      /^The new version did not pass its evaluation and was not used\.$/,
    );
    assert.deepEqual(fixture.registry.aliases(key), {});
    assert(fixture.told().includes('refused candidate'));
  }));

test('too little to learn from is no failure', () =>
  withLoop(async (fixture) => {
    await fixture.loop.ask();
    await fixture.settle();
    fixture.tasks[0]?.end({ kind: 'declined', reason: 'There are 3 commits.' });
    await fixture.settle();
    assert.match(fixture.loop.view.detail, /^There are 3 commits\./);
  }));

test('what failed says why and what to do, and is tried again after a while', () =>
  withLoop(async (fixture) => {
    await lead(fixture, 'training');
    fixture.tasks[0]?.fail(new IdiomError('trainingFailed', 'No memory.', { remedy: 'Close something.' }));
    await fixture.settle();
    assert.equal(fixture.loop.view.detail, 'No memory. Close something.');
    await fixture.pass(hourMs / 5);
    assert.equal(fixture.kind(), 'failed');
    await fixture.pass(hourMs / 5);
    assert.equal(fixture.kind(), 'training');
    assert.equal(fixture.tasks[1]?.plan.id, fixture.tasks[0]?.plan.id);
  }));

test('news that can not be written down are not lost, and nothing is half done', () =>
  withLoop(async (fixture) => {
    await lead(fixture, 'evaluating');
    const { loopStates } = fixture.ground;
    const put = loopStates.put.bind(loopStates);
    loopStates.put = () => {
      throw new IdiomError('diskFull', 'The disk is full.');
    };
    await fixture.finishJudging('pass');
    assert.equal(fixture.kind(), 'evaluating');
    assert.deepEqual(fixture.registry.aliases(key), {});
    assert.equal(fixture.ground.evalReports.verdictsOf(key.repoId).length, 0);
    assert.match(fixture.loop.view.detail, /could not be written down: The disk is full\./);
    loopStates.put = put;
    await fixture.pass(30_000);
    assert.equal(fixture.kind(), 'canary');
    assert.doesNotMatch(fixture.loop.view.detail, /written down/);
  }));

test('with approval, a person promotes; another champion meanwhile sends the candidate back to the gate', () =>
  withLoop(
    async (fixture) => {
      const digest = await lead(fixture, 'canary');
      await fixture.pass(7 * dayMs);
      assert.match(fixture.loop.view.detail, /passed its evaluation\. Use it\?/);
      const other = await fixture.train('other');
      fixture.loop.promote(other, 'I know better.');
      assert.equal(fixture.kind(), 'evaluating');
      await fixture.settle();
      assert.equal(fixture.tasks.at(-1)?.champion, other);
      await fixture.finishJudging('pass');
      fixture.loop.promote(digest, undefined);
      assert.equal(fixture.kind(), 'idle');
      assert.deepEqual(fixture.registry.aliases(key), { champion: digest, previous: other });
    },
    { settings: { approval: 'ask' } },
  ));

test('a version that the gate refused is promoted with a reason only', () =>
  withLoop(async (fixture) => {
    const digest = await lead(fixture, 'evaluating');
    await fixture.finishJudging('refuse');
    assert.throws(() => fixture.loop.promote(digest, undefined), { code: 'gateRefused' });
    fixture.loop.promote(digest, 'It knows our names.');
    assert.equal(fixture.registry.champion(key), digest);
  }));

test('a roll back takes away the canary on its day, and else the champion', () =>
  withLoop(
    async (fixture) => {
      const first = await fixture.train('first');
      fixture.loop.promote(first, 'To begin with.');
      await lead(fixture, 'canary');
      fixture.loop.rollBack('It was odd.');
      assert.deepEqual([fixture.kind(), fixture.registry.aliases(key)], ['idle', { champion: first }]);
      fixture.loop.rollBack(undefined);
      assert.equal(fixture.registry.champion(key), 'base');
      assert.throws(() => fixture.loop.rollBack(undefined), { code: 'wrongUse' });
    },
    { settings: { canaryShare: 1 } },
  ));

test('what was forgotten under way is given up, and trained again without it', () =>
  withLoop(async (fixture) => {
    const digest = await lead(fixture, 'canary');
    fixture.registry.markForgotten([digest], 'It learned from a forgotten file.');
    assert.equal(fixture.loop.forgotten([digest], true), true);
    await fixture.pass(75_000);
    assert.equal(fixture.kind(), 'building');
    assert.equal(fixture.tasks.at(-1)?.plan.cause, 'forget');
    assert.deepEqual(fixture.registry.aliases(key), {});
  }));

for (const stage of ['canary', 'evaluating', 'idle'] as const)
  test(`what was forgotten of ${stage} while no loop ran is trained again without it, once`, () =>
    withLoop(async (fixture) => {
      const digest = await lead(fixture, stage === 'idle' ? 'canary' : stage);
      if (stage === 'idle') {
        fixture.loop.promote(digest, 'It is wanted.');
        fixture.loop.cancel();
      }
      fixture.nNewExamples = 0;
      fixture.loop.dispose();
      fixture.clock.advance(1000);
      fixture.registry.markForgotten([digest], 'It held a password.');
      await fixture.restart();
      await fixture.pass(75_000);
      assert.equal(fixture.kind(), 'building');
      assert.equal(fixture.tasks.at(-1)?.plan.cause, 'forget');
      const nTasks = fixture.tasks.filter(({ kind }) => kind === 'train').length;
      fixture.tasks.at(-1)?.end({ kind: 'declined', reason: 'There is too little.' });
      await fixture.settle();
      await fixture.restart();
      await fixture.pass(75_000);
      assert.deepEqual(
        [fixture.kind(), fixture.tasks.filter(({ kind }) => kind === 'train').length],
        ['idle', nTasks],
      );
    }));

test('a record that can not be read begins anew, without a canary that nobody watches', () =>
  withLoop(async (fixture) => {
    await lead(fixture, 'canary');
    fixture.ground.loopStates.put(key.repoId, key.baseDigest, '{"version":1,"state":{"kind":"canary"}}', 1);
    await fixture.restart();
    assert.deepEqual([fixture.kind(), fixture.registry.aliases(key)], ['idle', {}]);
  }));

function checkRefusal(name: string, prepare: (fixture: LoopFixture) => Promise<unknown>, why: RegExp): void {
  test(name, () =>
    withLoop(async (fixture) => {
      await prepare(fixture);
      await assert.rejects(fixture.loop.ask(), (error: IdiomError) => why.test(error.sentence));
    }),
  );
}
checkRefusal('nothing is trained while paused', async ({ loop }) => loop.setPaused(true), /paused.*Resume/);
checkRefusal('one training is enough', (fixture) => lead(fixture, 'training'), /under way already/);
checkRefusal(
  'a folder without history is not trained',
  async (fixture) => (fixture.head = undefined),
  /no git history/,
);
