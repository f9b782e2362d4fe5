/** Figures and bars in words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeDay } from '../../../protocol/learning.ts';
import { dayLines, outcomeSummary, stackedTops } from '../../../webview/outcomeBars.ts';
import {
  readableChange,
  readableDuration,
  readableMs,
  readableSeconds,
  signed,
} from '../../../webview/readable.ts';

const minus = '\u2212';

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

for (const [ms, expected] of [
  [180, '0.18 s'],
  [994, '0.99 s'],
  [2449, '2.4 s'],
] as const) {
  test(`${ms} ms of waiting are ${expected}`, () => assert.equal(readableSeconds(ms), expected));
}

const day = (accepted: number, rejected: number): OutcomeDay => ({
  ...{
    day: '2026-03-01',
    taken: accepted,
    dismissed: Math.min(1, rejected),
    acceptedChars: 0,
    typedChars: 0,
    nNothing: 0,
  },
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
    [7, 1],
    [9, 3],
    [10, 3],
  ]));
test('the bars in a sentence, and one in lines', () => {
  assert.equal(
    outcomeSummary([day(3, 4), day(1, 0)]),
    '2 days, 8 suggestions shown: accepted 4, accepted in part 2, typed manually 0, typed something else 3, ignored 4, dismissed 1.',
  );
  assert.deepEqual(dayLines(day(3, 4)), [
    'Accepted 3',
    'Accepted in part 1',
    'Typed something else 3',
    'Ignored 2',
    'Dismissed 1',
  ]);
});
