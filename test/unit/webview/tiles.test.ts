/** What the tiles say: figures, changes, and words where there is no certain figure. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  DashboardResult,
  LearnedEffect,
  OutcomeDay,
  PeriodFigures,
} from '../../../protocol/learning.ts';
import { sparkPath } from '../../../webview/sparkPath.ts';
import { learnedText, tilesOf } from '../../../webview/tiles.ts';

const minus = '\u2212';
const none: PeriodFigures = {
  ...{ shown: 0, taken: 0, keptChars: 0, acceptedChars: 0, typedChars: 0, nAnswered: 0, nNothing: 0 },
};
const good: PeriodFigures = {
  ...{
    shown: 400,
    taken: 124,
    keptChars: 1100,
    acceptedChars: 23,
    typedChars: 77,
    nAnswered: 90,
    nNothing: 10,
  },
  waitMs: { p50: 180, p95: 2100 },
};
const before: PeriodFigures = { ...good, taken: 100, keptChars: 1000, waitMs: { p50: 200, p95: 2000 } };

function check(
  name: string,
  current: PeriodFigures,
  previous: PeriodFigures | undefined,
  expected: string[],
): void {
  test(name, () => {
    const period = { nDays: 30, current, keptToday: 182, keptThisWeek: 1240 };
    const told = tilesOf({
      days: [],
      period: previous === undefined ? period : { ...period, previous },
      learned: { kind: 'none' },
      versions: { versions: [] } as unknown as DashboardResult['versions'],
    });
    const lines = told
      .slice(0, 3)
      .map(({ value, notes, change }) =>
        [value, ...notes, ...(change === undefined ? [] : [`${change.text} (${change.tone})`])].join(' | '),
      );
    assert.deepEqual(lines, expected);
  });
}

check('nothing yet', none, undefined, [
  '\u2013 | No suggestion was shown in this time.',
  '182 today | 1,240 in the last 7 days | Share of the code you write: not counted yet',
  '\u2013 | No suggestion was timed in this time. | Pauses without text: not counted yet',
]);
check('without a period before', good, undefined, [
  '31 % | 124 of 400 shown, whole or in part',
  '182 today | 1,240 in the last 7 days | 23 % of the code you wrote',
  '0.18 s | from the last key, at the median; 95 % within 2.1 s | 10 % of pauses brought no text',
]);
check('better than before', good, before, [
  '31 % | 124 of 400 shown, whole or in part | 6 points more than in the 30 days before (good)',
  '182 today | 1,240 in the last 7 days | 23 % of the code you wrote | 10 % more than in the 30 days before (good)',
  '0.18 s | from the last key, at the median; 95 % within 2.1 s | 10 % of pauses brought no text | 10 % less than in the 30 days before (good)',
]);
check('as before', good, { ...good, waitMs: { p50: 90, p95: 100 } }, [
  '31 % | 124 of 400 shown, whole or in part | as in the 30 days before (none)',
  '182 today | 1,240 in the last 7 days | 23 % of the code you wrote | as in the 30 days before (none)',
  '0.18 s | from the last key, at the median; 95 % within 2.1 s | 10 % of pauses brought no text | 100 % more than in the 30 days before (bad)',
]);

const versions = [
  { digest: 'a', number: 6 },
  { digest: 'b', number: 7 },
];
const measured: Extract<LearnedEffect, { kind: 'measured' }> = {
  ...{ kind: 'measured', version: 'b', isAll: false, against: 'a', nAfter: 300, nBefore: 300 },
  ...{ ratio: 1.12, low: 1.03, high: 1.22 },
};
for (const [name, learned, expected] of [
  ['no version in use', { kind: 'none' }, 'Nothing yet: No version trained on this repository is in use.'],
  [
    'too few, against a version',
    { kind: 'tooFew', version: 'b', against: 'a', n: 34, nNeeded: 200 },
    'Not measurable yet: 34 of about 200 suggestions to compare v7 with v6',
  ],
  [
    'too few, against what comes with Idiom',
    { kind: 'tooFew', version: 'a', against: 'task', n: 34, nNeeded: 200 },
    'Not measurable yet: 34 of about 200 suggestions to compare v6 with the built-in adapter',
  ],
  ['more', measured, '+12 %: characters kept per suggestion since v7 (95 % CI +3 % to +22 %)'],
  [
    'less',
    { ...measured, ratio: 0.9, low: 0.85, high: 0.96 },
    `${minus}10 %: characters kept per suggestion since v7 (95 % CI ${minus}15 % to ${minus}4 %)`,
  ],
  [
    'not certain',
    { ...measured, low: 0.95, isAll: true, version: 'a' },
    `No certain difference: characters kept per suggestion since the first version, v6 (95 % CI ${minus}5 % to +22 %)`,
  ],
] as const) {
  test(`what learning brought: ${name}`, () => {
    const { value, notes } = learnedText(learned, versions);
    assert.equal([value, ...notes].join(': '), expected);
  });
}

test('days with too few suggestions have no share', () => {
  const day = (shown: number, taken: number) => ({ shown, taken, retainedChars: 9 }) as unknown as OutcomeDay;
  const [accepted] = tilesOf({
    days: [day(4, 4), day(10, 5)],
    period: { nDays: 7, current: none, keptToday: 0, keptThisWeek: 0 },
    learned: { kind: 'none' },
    versions: { versions: [] } as unknown as DashboardResult['versions'],
  });
  assert.deepEqual(accepted?.spark, [undefined, 0.5]);
});

for (const [name, values, line, nDots] of [
  ['nothing', [], '', 0],
  ['one day', [3], '', 0],
  ['a line from zero to the largest', [0, 2, 1], 'M0 8.5L50 1.5L100 5', 0],
  ['a gap, and a day alone', [1, 1, undefined, 2], 'M0 5L33.3 5', 1],
] as const) {
  test(`a small line: ${name}`, () => {
    const spark = sparkPath(values, { width: 100, height: 10 });
    assert.deepEqual([spark.line, spark.dots.length], [line, nDots]);
  });
}
