/** Figures, progress and bars in words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LearningProgress, OutcomeDay, RepositoryLearning } from '../../../protocol/learning.ts';
import { progressText, servingText } from '../../../webview/learningText.ts';
import { outcomeSummary, stackedTops } from '../../../webview/outcomeBars.ts';
import {
  readableChange,
  readableDuration,
  readableMs,
  shortName,
  signed,
} from '../../../webview/readable.ts';

const minus = '\u2212';

test('names', () =>
  assert.deepEqual(['task', 'base', 'abcdef0123456789'].map(shortName), [
    'task adapter',
    'base model',
    'abcdef0123',
  ]));

for (const [value, expected] of [
  [0.0421, '+0.042'],
  [-0.0421, `${minus}0.042`],
  [0, '0.000'],
  [-0.0001, '0.000'],
] as const) {
  test(`signed ${value}`, () => assert.equal(signed(value), expected));
}
test('a change with its interval', () =>
  assert.equal(
    readableChange({ mean: -0.1, low: -0.2, high: 0.05 }),
    `${minus}0.100 (${minus}0.200 to +0.050)`,
  ));

for (const [ms, expected] of [
  [400, '0 s'],
  [59_400, '59 s'],
  [120_000, '2 min'],
  [95_000, '1 min 35 s'],
  [7_260_000, '2 h 1 min'],
] as const) {
  test(`${ms} ms last ${expected}`, () => assert.equal(readableDuration(ms), expected));
}
test('short times have a digit more', () =>
  assert.deepEqual([0.04, 9.94, 12.4, 1234].map(readableMs), ['0.0', '9.9', '12', '1,234']));

function checkProgress(progress: LearningProgress, expected: string): void {
  assert.equal(progressText(progress), expected);
}
test('progress of a dataset', () => checkProgress({ share: 0.429 }, '42 %'));
test('progress of a training', () =>
  checkProgress(
    { share: 0.5, step: 1200, nSteps: 2400, tokensPerSecond: 251.4, secondsLeft: 95 },
    '50 %, step 1,200 of 2,400, 251 tokens/s, about 1 min 35 s left',
  ));

for (const [serving, expected] of [
  ['base', /without an adapter/],
  ['task', /nothing of this repository/],
  ['abcdef0123456789', /Version abcdef0123 serves/],
] as const) {
  test(`what serves: ${serving}`, () =>
    assert.match(servingText({ serving } as unknown as RepositoryLearning), expected));
}

const day = (accepted: number, rejected: number): OutcomeDay => ({
  ...{ day: '2026-03-01', taken: accepted, dismissed: 0, acceptedChars: 0, typedChars: 0, nNothing: 0 },
  shown: accepted + rejected,
  accepted,
  partiallyAccepted: 1,
  typedOut: 0,
  rejected,
  ignored: 2,
  retainedChars: 0,
});
test('bars stand on each other', () =>
  assert.deepEqual(stackedTops([day(3, 4), day(0, 0)]), [
    [3, 0],
    [4, 1],
    [4, 1],
    [6, 3],
    [10, 3],
  ]));
test('the bars in a sentence', () =>
  assert.equal(
    outcomeSummary([day(3, 4), day(1, 0)]),
    '2 days, 8 suggestions shown: accepted 4, accepted in part 2, typed out 0, ignored 4, rejected 4.',
  ));
