/** Which repository a file is in, what the tooltip and the menu say of its loop, and what is worth a notification. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isWithin,
  loopActions,
  loopSentences,
  noticesOf,
  repositoryOf,
} from '../../../extension/learningStatus.ts';
import type { RepositoryLearning } from '../../../protocol/learning.ts';

const idle: RepositoryLearning = {
  repoId: 'r',
  name: 'web',
  root: '/w/web',
  state: 'idle',
  detail: 'Nothing new to learn.',
  nNewExamples: 0,
  nWanted: 50,
  serving: 'task',
};

for (const [root, path, expected] of [
  ['/w/web', '/w/web/a.ts', true],
  ['/w/web', '/w/web', true],
  ['/w/web', '/w/website/a.ts', false],
  ['/', '/a.ts', true],
  ['c:\\w', 'c:\\w\\a.ts', true],
  ['c:\\w', 'c:\\w2\\a.ts', false],
] as const) {
  test(`${path} in ${root}: ${expected}`, () => assert.equal(isWithin(root, path), expected));
}

test('the innermost repository counts', () => {
  const repositories = [idle, { ...idle, repoId: 'inner', root: '/w/web/inner' }];
  const found = (path: string) => repositoryOf(repositories, path)?.repoId;
  assert.deepEqual(
    [found('/w/web/inner/a.ts'), found('/w/web/a.ts'), found('/elsewhere')],
    ['inner', 'r', undefined],
  );
});

function checkSentences(change: Partial<RepositoryLearning>, expected: readonly string[]): void {
  assert.deepEqual(loopSentences({ ...idle, ...change }), expected);
}
test('idle', () => checkSentences({}, ['Learning: Nothing new to learn.']));
test('training', () =>
  checkSentences({ state: 'training', detail: 'Training.', progress: { share: 0.429, secondsLeft: 130 } }, [
    'Learning: Training.',
    'Training 42 %, 2 min left.',
  ]));
test('training on a busy machine', () =>
  checkSentences(
    { state: 'training', detail: 'Training.', progress: { share: 0.1, stage: 'loading', isSlow: true } },
    [
      'Learning: Training.',
      'Training 10 %.',
      'Loading the model and timing a first step; slow: other programs use the processor.',
    ],
  ));
test('a champion that cannot serve', () =>
  checkSentences({ servingNotice: 'The champion is damaged.' }, [
    'Learning: Nothing new to learn.',
    'The champion is damaged.',
  ]));

for (const [state, expected] of [
  [undefined, ['showDashboard']],
  ['idle', ['showDashboard', 'trainNow', 'pauseLearning']],
  ['canary', ['showDashboard', 'trainNow', 'pauseLearning']],
  ['evaluating', ['showDashboard', 'cancelTraining', 'pauseLearning']],
  ['paused', ['showDashboard', 'resumeLearning']],
] as const) {
  test(`what can be done while ${state}`, () =>
    assert.deepEqual(loopActions(state === undefined ? undefined : { ...idle, state }), expected));
}

test('what goes on by itself is no notification', () =>
  assert.deepEqual(noticesOf([idle, { ...idle, state: 'failed', detail: 'The disk is full.' }]), []));
test('that a version on trial serves today is none', () => {
  const canary = { digest: 'abc' } as unknown as NonNullable<RepositoryLearning['canary']>;
  const trial = { ...idle, canary, serving: 'abc', servingNotice: 'Today the version on trial serves.' };
  assert.deepEqual(noticesOf([trial]), []);
});
test('a version that waits for a person is one, and a damaged champion is', () =>
  assert.deepEqual(
    noticesOf([{ ...idle, awaitsApproval: 'abc', servingNotice: 'The champion is damaged.' }]).map(
      ({ kind, key, sentence }) => [kind, key, sentence],
    ),
    [
      ['approval', 'r abc', 'A new version for web passed its evaluation. Use it?'],
      ['serving', 'r The champion is damaged.', 'web: The champion is damaged.'],
    ],
  ));
