/** How the record becomes days, a period and the one before, and for how many days it is asked. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectFigures, dayStarts } from '../../../server/lsp/dashboardFigures.ts';
import type { DashboardFigures } from '../../../server/lsp/dashboardFigures.ts';
import { openGround } from '../../../server/store/ground.ts';
import type { OutcomeKind } from '../../../server/store/outcomes.ts';

const noon = new Date(2026, 2, 30, 12).getTime();
const dayAt = (daysAgo: number) => new Date(2026, 2, 30 - daysAgo, 9).getTime();

interface Suggested {
  readonly daysAgo: number;
  readonly kind: OutcomeKind;
  readonly adapter?: string;
  readonly chars?: number;
  readonly count?: number;
}
interface Wish {
  readonly nDays?: number;
  readonly typed?: readonly { readonly daysAgo: number; readonly chars: number }[];
  readonly cpuMs?: number;
}

async function collect(suggested: readonly Suggested[], wish: Wish = {}): Promise<DashboardFigures> {
  const { ground } = openGround(':memory:', { nowMs: () => 0 });
  try {
    const all = suggested.flatMap((each) => Array.from({ length: each.count ?? 1 }, () => each));
    for (const [index, { daysAgo, adapter = 'base', kind, chars = 0 }] of all.entries()) {
      const atMs = dayAt(daysAgo);
      const id = `s${index}`;
      const place = { uri: 'file:///a.ts', path: 'a.ts', languageId: 'typescript', offset: 0 };
      const text = { prefix: '', suffix: '', text: 'x', isMultiline: false, baseModel: 'm', snippets: [] };
      const how = { adapter, route: 'local', latencyMs: { total: 5 } };
      ground.suggestions.add({ id, repoId: 'r', atMs, ...how, ...place, ...text });
      const ended = { isConfirmed: true, shownAtMs: atMs, endedAtMs: atMs };
      ground.outcomes.put({ suggestionId: id, kind, acceptedChars: chars, ...ended });
      if (chars > 0) ground.survivals.add({ suggestionId: id, afterS: 600, value: { similarity: 1 } });
    }
    for (const { daysAgo, chars } of wish.typed ?? [])
      ground.activityCounts.add('r', dayAt(daysAgo), 'typedChars', chars);
    const run = { id: 'plan', repoId: 'r', atMs: dayAt(3), cpuMs: 1000 };
    if (wish.cpuMs !== undefined) ground.trainingRuns.addCost({ ...run, cpuMs: wish.cpuMs });
    const facts = { repoId: 'r', versions: { versions: [], aliases: {} }, builtIn: 'own', nowMs: noon };
    return await collectFigures({ ground, ...facts, nDays: wish.nDays ?? 30 });
  } finally {
    ground.dispose();
  }
}

test('a repository without suggestions has no days', async () => {
  const { days, period, places, learned, latency } = await collect([]);
  assert.deepEqual([days, places, learned, latency], [[], [], { kind: 'none' }, []]);
  assert.deepEqual([period.current.shown, period.previous, period.keptToday], [0, undefined, 0]);
});

test('days go from the first suggestion to today, empty ones between included', async () => {
  const { days } = await collect([
    { daysAgo: 2, kind: 'rejected' },
    { daysAgo: 0, kind: 'accepted', chars: 7 },
  ]);
  const told = days.map(({ day, shown, taken, rejected, retainedChars }) =>
    [day, shown, taken, rejected, retainedChars].join(' '),
  );
  assert.deepEqual(told, ['2026-03-28 1 0 1 0', '2026-03-29 0 0 0 0', '2026-03-30 1 1 0 7']);
});

test('a period is compared with the one before, where that has enough', async () => {
  const ask = (count: number, daysAgo = 8) =>
    collect(
      [
        { daysAgo, kind: 'accepted', chars: 2 },
        { daysAgo: 8, kind: 'accepted', chars: 2, count: count - 1 },
        { daysAgo: 6, kind: 'accepted', chars: 5 },
        { daysAgo: 0, kind: 'accepted', chars: 7 },
      ],
      { nDays: 7 },
    );
  const enough = (await ask(20, 13)).period;
  assert.deepEqual([enough.current.shown, enough.previous?.shown, enough.previous?.keptChars], [2, 20, 40]);
  assert.deepEqual([enough.keptToday, enough.keptThisWeek], [7, 12]);
  assert.equal((await ask(19, 13)).period.previous, undefined);
  assert.equal((await ask(20)).period.previous, undefined, 'the record reaches not far enough back');
});

test('what is older than the period is not told, and its cost neither', async () => {
  const { byAdapter, days, cost } = await collect([{ daysAgo: 7, kind: 'shown' }], {
    nDays: 7,
    cpuMs: 60_000,
  });
  assert.deepEqual([byAdapter, days], [[], []]);
  assert.deepEqual(cost, { trainingCpuMs: 60_000, nTrainings: 1 });
  assert.equal((await collect([], { nDays: 2, cpuMs: 60_000 })).cost.nTrainings, 0);
});

test('the share of written code is of days on which typing was counted', async () => {
  const { period } = await collect(
    [
      { daysAgo: 2, kind: 'accepted', chars: 50 },
      { daysAgo: 1, kind: 'accepted', chars: 10 },
    ],
    { typed: [{ daysAgo: 1, chars: 30 }] },
  );
  assert.deepEqual([period.current.acceptedChars, period.current.typedChars], [10, 30]);
});

test('the adapter that comes with Idiom has its name', async () => {
  const { byAdapter } = await collect([{ daysAgo: 1, kind: 'shown', adapter: 'own' }]);
  assert.deepEqual(
    byAdapter.map(({ adapter }) => adapter),
    ['task'],
  );
});

test('days begin at midnight here, also where the clock was changed', () => {
  const starts = dayStarts(noon, 3).map((atMs) => new Date(atMs));
  assert.deepEqual(
    starts.map((date) => `${date.getDate()} ${date.getHours()}`),
    ['28 0', '29 0', '30 0'],
  );
});
