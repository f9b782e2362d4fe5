/** How suggestions become the figures of a day, a place, an adapter; and what learning brought, or why that is not known. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LearnedEffect } from '../../../protocol/learning.ts';
import { learnedEffect } from '../../../server/lsp/learnedEffect.ts';
import type { LearnedFacts } from '../../../server/lsp/learnedEffect.ts';
import {
  adapterFigures,
  dayFigures,
  percentiles,
  periodFigures,
  placeFigures,
} from '../../../server/lsp/periodFigures.ts';
import type { OutcomeFigures } from '../../../server/store/outcomeFigures.ts';

const startMs = new Date(2026, 2, 30).getTime();

function one(change: Partial<OutcomeFigures> = {}): OutcomeFigures {
  return {
    ...{ atMs: startMs, adapter: 'base', languageId: 'typescript', path: 'src/a/b/c.ts', kind: 'ignored' },
    ...{ isExplicit: false, isShown: true, acceptedChars: 0, similarity: 0, totalMs: 100 },
    ...change,
  };
}
const accepted = (chars: number, change: Partial<OutcomeFigures> = {}) =>
  one({ kind: 'accepted', acceptedChars: chars, similarity: 1, ...change });
const none = new Map<'typedChars' | `none:${string}`, number>();

test('a day counts what was shown, taken, dismissed and typed over', () => {
  const outcomes = [
    accepted(10, { similarity: 0.5 }),
    accepted(4, { kind: 'partiallyAccepted', isShown: false }),
    one({ kind: 'rejected', isExplicit: true }),
    one({ kind: 'rejected' }),
    one({ kind: 'returned', isShown: false }),
  ];
  const { waitP50, ...day } = dayFigures({ startMs, outcomes, activity: none });
  assert.deepEqual(day, {
    ...{ day: '2026-03-30', shown: 3, taken: 1, accepted: 1, partiallyAccepted: 1, typedOut: 0 },
    ...{ rejected: 2, dismissed: 1, ignored: 0, retainedChars: 9 },
    ...{ acceptedChars: 0, typedChars: 0, nNothing: 0 },
  });
  assert.equal(waitP50, 100);
});

test('requests without an answer are summed over their reasons', () => {
  const activity = new Map([
    ['typedChars', 9],
    ['none:tooSlow', 2],
    ['none:emptyOutput', 1],
  ] as const);
  const { nAnswered, nNothing, typedChars } = periodFigures([{ startMs, outcomes: [one()], activity }]);
  assert.deepEqual([nAnswered, nNothing, typedChars], [1, 3, 9]);
});

test('waits are ranked, and absent where nothing was timed', () => {
  const outcomes = Array.from({ length: 20 }, (_, index) => one({ totalMs: index + 1 }));
  assert.deepEqual(periodFigures([{ startMs, outcomes, activity: none }]).waitMs, { p50: 10, p95: 19 });
  assert.equal(periodFigures([]).waitMs, undefined);
});

test('places are languages and folders two deep, the most shown first', () => {
  const outcomes = [
    one(),
    accepted(6),
    one({ path: 'a.py', languageId: 'python' }),
    one({ path: 'b.py', languageId: 'python', isShown: false }),
    one({ path: 'lost.rs', languageId: 'rust', isShown: false }),
  ];
  const told = placeFigures(outcomes).map((each) =>
    [each.by, each.name, each.shown, each.taken, each.keptChars].join(' '),
  );
  assert.deepEqual(told, [
    'language typescript 2 1 6',
    'language python 1 0 0',
    'folder src/a 2 1 6',
    'folder . 1 0 0',
  ]);
});

test('adapters come with the one shown most first; what is not known counts on neither side', () =>
  assert.deepEqual(
    adapterFigures([
      one(),
      accepted(9, { adapter: 'new' }),
      one({ adapter: 'new' }),
      accepted(9, { adapter: 'new', similarity: undefined }),
    ]),
    [
      { adapter: 'new', shown: 3, accepted: 2, retainedChars: 9, retainedCharsPerShown: 4.5 },
      { adapter: 'base', shown: 1, accepted: 0, retainedChars: 0, retainedCharsPerShown: 0 },
    ],
  ));

for (const [name, values, expected] of [
  ['one', [5], [5, 5, 5]],
  ['ten', [10, 1, 2, 3, 4, 5, 6, 7, 8, 9], [5, 9, 10]],
  ['hundred', Array.from({ length: 100 }, (_, index) => index + 1), [50, 90, 99]],
] as const) {
  test(`percentiles of ${name}`, () => {
    const [row] = percentiles(values.map((total) => ({ total })));
    assert.deepEqual([row?.p50, row?.p90, row?.p99], expected);
  });
}
test('a stage that some lack is told of those that have it', () =>
  assert.deepEqual(
    percentiles([{ total: 3 }, { total: 5, retrieve: 1 }]).map(({ stage, p50 }) => `${stage} ${p50}`),
    ['total 3', 'retrieve 1'],
  ));

/** "task 240 7": so many suggestions of an adapter, of which each third leaves so many characters; one sitting an hour. */
function past(...spans: readonly string[]): OutcomeFigures[] {
  let hour = 0;
  return spans.flatMap((span) => {
    const [adapter = '', count = '0', chars = '0'] = span.split(' ');
    return Array.from({ length: Number(count) }, (_, index) => {
      if (index % 12 === 0) hour++;
      const atMs = startMs + hour * 3_600_000 + (index % 12) * 1000;
      const change = { adapter, atMs };
      return index % 3 === 0 ? accepted(Number(chars) + (hour % 3), change) : one(change);
    });
  });
}

function checkLearned(name: string, facts: Partial<LearnedFacts>, expected: Partial<LearnedEffect>): void {
  test(`what learning brought: ${name}`, () => {
    const common = { outcomes: [], versions: ['v1', 'v2'], champion: 'v2', previous: 'v1' };
    const effect = learnedEffect({ ...common, ...facts });
    const { ratio, low, high, ...told } = { ratio: 0, low: 0, high: 0, ...effect };
    assert.deepEqual(told, expected);
    if (effect.kind === 'measured') assert.ok(low < ratio && ratio < high && ratio > 1);
  });
}
checkLearned('no version in use', { champion: undefined }, { kind: 'none' });
checkLearned(
  'too young',
  { outcomes: past('v1 300 10', 'v2 34 12') },
  { kind: 'tooFew', version: 'v2', against: 'v1', n: 34, nNeeded: 200 },
);
checkLearned(
  'against the version before',
  { outcomes: past('task 40 9', 'v1 300 10', 'v2 240 12') },
  { kind: 'measured', version: 'v2', isAll: false, against: 'v1', nAfter: 240, nBefore: 300 },
);
checkLearned(
  'the first version, against what comes with Idiom',
  { outcomes: past('old 100 9', 'task 200 9', 'v1 240 12'), champion: 'v1', previous: undefined },
  { kind: 'measured', version: 'v1', isAll: false, against: 'task', nAfter: 240, nBefore: 300 },
);
checkLearned(
  'too young, but all versions together are not',
  { outcomes: past('task 240 9', 'v1 180 12', 'v2 60 12') },
  { kind: 'measured', version: 'v1', isAll: true, against: 'task', nAfter: 240, nBefore: 240 },
);
