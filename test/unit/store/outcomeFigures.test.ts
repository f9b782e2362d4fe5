/** What the sums of outcomes count: by adapter and kind, in a span of time, of one repository. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGround } from '../../../server/store/ground.ts';
import type { Ground } from '../../../server/store/ground.ts';
import { latestLatencies, sumOutcomes } from '../../../server/store/outcomeFigures.ts';
import type { OutcomeSum } from '../../../server/store/outcomeFigures.ts';
import type { OutcomeKind } from '../../../server/store/outcomes.ts';

interface Row {
  readonly atMs?: number;
  readonly repoId?: string;
  readonly adapter?: string;
  readonly kind?: OutcomeKind;
  readonly isShown?: boolean;
  readonly chars?: number;
  /** Similarities after 30 s, 2 min, ...; null: unknown. */
  readonly survivals?: readonly (number | null)[];
  readonly latencyMs?: Readonly<Record<string, number>>;
}

function add(ground: Ground, rows: readonly Row[]): void {
  rows.forEach((row, index) => {
    const id = `s${index}`;
    const { atMs = 10, repoId = 'repo', adapter = 'base', latencyMs = {} } = row;
    const place = { uri: 'file:///a.ts', path: 'a.ts', languageId: 'typescript', offset: 0, route: 'local' };
    const text = { prefix: '', suffix: '', text: 'x', isMultiline: false, baseModel: 'm', snippets: [] };
    ground.suggestions.add({ id, repoId, atMs, adapter, latencyMs, ...place, ...text });
    if (row.kind === undefined) return;
    const shownAtMs = row.isShown === false ? undefined : atMs;
    const acceptedChars = row.chars ?? 0;
    ground.outcomes.put({ suggestionId: id, kind: row.kind, acceptedChars, isConfirmed: true, shownAtMs });
    row.survivals?.forEach((similarity, at) =>
      ground.survivals.add({
        suggestionId: id,
        afterS: ([30, 120, 300, 600] as const)[at] ?? 600,
        value: similarity === null ? { unknown: 'checkout' } : { similarity },
      }),
    );
  });
}

function withGround<T>(rows: readonly Row[], body: (ground: Ground) => T): T {
  const { ground } = openGround(':memory:', { nowMs: () => 0 });
  try {
    add(ground, rows);
    return body(ground);
  } finally {
    ground.dispose();
  }
}

const nothing = { adapter: 'base', count: 1, nShown: 1, retainedChars: 0, retainedShownChars: 0, nKnown: 1 };

function check(rows: readonly Row[], expected: readonly Partial<OutcomeSum>[]): void {
  const sums = withGround(rows, ({ db }) => sumOutcomes(db, 'repo', 10, 20));
  assert.deepEqual(
    sums,
    expected.map((each) => ({ ...nothing, ...each })),
  );
}

test('no suggestion, no sums', () => check([], []));
test('one without an outcome was returned and is not known to be seen', () =>
  check([{}], [{ kind: 'returned', nShown: 0, nKnown: 0 }]));
test('the span begins with its first moment and ends before its last', () =>
  check(
    [9, 10, 19, 20].map((atMs) => ({ atMs, kind: 'ignored' as const })),
    [{ kind: 'ignored', count: 2, nShown: 2, nKnown: 2 }],
  ));
test('other repositories do not count', () => check([{ repoId: 'other', kind: 'shown' }], []));
test('adapters and kinds are told apart', () =>
  check(
    [{ kind: 'shown' }, { kind: 'rejected', adapter: 'task' }, { kind: 'ignored' }],
    [{ kind: 'ignored' }, { kind: 'shown' }, { kind: 'rejected', adapter: 'task' }],
  ));
test('retained are the characters that the latest known survival leaves', () =>
  check(
    [{ kind: 'accepted', chars: 20, survivals: [1, 0.5, null] }],
    [{ kind: 'accepted', retainedChars: 10, retainedShownChars: 10 }],
  ));
test('an acceptance of which no survival is known counts on neither side', () =>
  check([{ kind: 'accepted', chars: 20, survivals: [null] }], [{ kind: 'accepted', nKnown: 0 }]));
test('what was accepted unseen is retained, but not for each shown one', () =>
  check(
    [{ kind: 'accepted', chars: 8, survivals: [1], isShown: false }],
    [{ kind: 'accepted', retainedChars: 8, nShown: 0, nKnown: 0 }],
  ));

test('the sums come from the index alone, without the rows that hold code', () =>
  withGround([], ({ db }) => {
    const plan = db.all(
      `EXPLAIN QUERY PLAN SELECT adapter, id FROM suggestions s WHERE s.repoId = 'r' AND s.atMs >= 1 AND s.atMs < 2`,
    );
    assert.match(String(plan[0]?.['detail']), /COVERING INDEX suggestionsForFigures/);
  }));

test('latencies come newest first, as many as wanted', () => {
  const rows = [1, 2, 3].map((atMs) => ({ atMs, latencyMs: { total: atMs } }));
  const found = withGround(rows, ({ db }) => latestLatencies(db, 'repo', 2));
  assert.deepEqual(found, [{ total: 3 }, { total: 2 }]);
});
