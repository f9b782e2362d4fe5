/** How sums become days, adapters and percentiles. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectFigures, dayStarts, percentiles } from '../../../server/lsp/dashboardFigures.ts';
import { openGround } from '../../../server/store/ground.ts';
import type { OutcomeKind } from '../../../server/store/outcomes.ts';

const noon = new Date(2026, 2, 30, 12).getTime();

interface Suggested {
  readonly daysAgo: number;
  readonly adapter: string;
  readonly kind: OutcomeKind;
  readonly chars?: number;
}

async function collect(suggested: readonly Suggested[]) {
  const { ground } = openGround(':memory:', { nowMs: () => 0 });
  try {
    for (const [index, { daysAgo, adapter, kind, chars = 0 }] of suggested.entries()) {
      const atMs = new Date(2026, 2, 30 - daysAgo, 9).getTime();
      const id = `s${index}`;
      const place = {
        uri: 'file:///a.ts',
        path: 'a.ts',
        languageId: 'typescript',
        offset: 0,
        route: 'local',
      };
      const text = { prefix: '', suffix: '', text: 'x', isMultiline: false, baseModel: 'm', snippets: [] };
      ground.suggestions.add({ id, repoId: 'r', atMs, adapter, latencyMs: { total: 5 }, ...place, ...text });
      const ended = { isConfirmed: true, shownAtMs: atMs, endedAtMs: atMs };
      ground.outcomes.put({ suggestionId: id, kind, acceptedChars: chars, ...ended });
      if (chars > 0) ground.survivals.add({ suggestionId: id, afterS: 600, value: { similarity: 1 } });
    }
    return await collectFigures(ground.db, 'r', noon);
  } finally {
    ground.dispose();
  }
}

test('a repository without suggestions has no days', async () =>
  assert.deepEqual(await collect([]), { days: [], byAdapter: [], latency: [] }));

test('days go from the first suggestion to today, empty ones between included', async () => {
  const { days } = await collect([
    { daysAgo: 2, adapter: 'base', kind: 'rejected' },
    { daysAgo: 0, adapter: 'base', kind: 'accepted', chars: 7 },
  ]);
  assert.deepEqual(
    days.map(({ day, shown, accepted, rejected, retainedChars }) => [
      day,
      shown,
      accepted,
      rejected,
      retainedChars,
    ]),
    [
      ['2026-03-28', 1, 0, 1, 0],
      ['2026-03-29', 0, 0, 0, 0],
      ['2026-03-30', 1, 1, 0, 7],
    ],
  );
});

test('what is older than ninety days is not told', async () =>
  assert.deepEqual((await collect([{ daysAgo: 90, adapter: 'base', kind: 'shown' }])).byAdapter, []));

test('adapters come with the one shown most first, and what each shown suggestion left', async () =>
  assert.deepEqual(
    (
      await collect([
        { daysAgo: 1, adapter: 'base', kind: 'rejected' },
        { daysAgo: 1, adapter: 'new', kind: 'accepted', chars: 9 },
        { daysAgo: 0, adapter: 'new', kind: 'ignored' },
      ])
    ).byAdapter,
    [
      { adapter: 'new', shown: 2, accepted: 1, retainedChars: 9, retainedCharsPerShown: 4.5 },
      { adapter: 'base', shown: 1, accepted: 0, retainedChars: 0, retainedCharsPerShown: 0 },
    ],
  ));

test('days begin at midnight here, also where the clock was changed', () => {
  const starts = dayStarts(noon, 3).map((atMs) => new Date(atMs));
  assert.deepEqual(
    starts.map((date) => [date.getDate(), date.getHours()]),
    [
      [28, 0],
      [29, 0],
      [30, 0],
    ],
  );
});

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
    percentiles([{ total: 3 }, { total: 5, retrieve: 1 }]).map(({ stage, p50 }) => [stage, p50]),
    [
      ['total', 3],
      ['retrieve', 1],
    ],
  ));
