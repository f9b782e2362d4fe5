/** What is read of outcomes for figures: of a span of time, of one repository, from an index alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGround } from '../../../server/store/ground.ts';
import type { Ground } from '../../../server/store/ground.ts';
import { chosen, latestLatencies, listOutcomes } from '../../../server/store/outcomeFigures.ts';
import type { OutcomeFigures } from '../../../server/store/outcomeFigures.ts';
import type { OutcomeKind } from '../../../server/store/outcomes.ts';

interface Row {
  readonly atMs?: number;
  readonly repoId?: string;
  readonly adapter?: string;
  readonly kind?: OutcomeKind;
  readonly isShown?: boolean;
  readonly isExplicit?: boolean;
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
    const { kind, isExplicit } = row;
    const facts = { suggestionId: id, kind, acceptedChars, isConfirmed: true };
    ground.outcomes.put({ ...facts, shownAtMs, isExplicit });
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

const plain: OutcomeFigures = {
  ...{ atMs: 10, adapter: 'base', languageId: 'typescript', path: 'a.ts', kind: 'shown', isExplicit: false },
  ...{ isShown: true, acceptedChars: 0, similarity: 0, totalMs: undefined },
};

function check(name: string, rows: readonly Row[], expected: readonly Partial<OutcomeFigures>[]): void {
  test(name, () => {
    const found = withGround(rows, ({ db }) => listOutcomes(db, 'repo', 10, 20));
    assert.deepEqual(
      found,
      expected.map((each) => ({ ...plain, ...each })),
    );
  });
}

check('no suggestion, nothing', [], []);
check(
  'one without an outcome was returned and is not known to be seen',
  [{ latencyMs: { total: 7 } }],
  [{ kind: 'returned', isShown: false, totalMs: 7 }],
);
check(
  'the span begins with its first moment and ends before its last; oldest first',
  [19, 9, 10, 20].map((atMs) => ({ atMs, kind: 'ignored' as const })),
  [{ kind: 'ignored' }, { kind: 'ignored', atMs: 19 }],
);
check('other repositories do not count', [{ repoId: 'other', kind: 'shown' }], []);
check(
  'dismissed by a key, and typed over',
  [
    { kind: 'rejected', isExplicit: true },
    { kind: 'rejected', adapter: 'task' },
  ],
  [
    { kind: 'rejected', isExplicit: true },
    { kind: 'rejected', adapter: 'task' },
  ],
);
check(
  'the latest known survival counts',
  [{ kind: 'accepted', chars: 20, survivals: [1, 0.5, null] }],
  [{ kind: 'accepted', acceptedChars: 20, similarity: 0.5 }],
);
check(
  'an acceptance of which no survival is known',
  [{ kind: 'accepted', chars: 20, survivals: [null], isShown: false }],
  [{ kind: 'accepted', acceptedChars: 20, similarity: undefined, isShown: false }],
);

test('it comes from the index alone, without the rows that hold code', () =>
  withGround([], ({ db }) => {
    const plan = db.all(`EXPLAIN QUERY PLAN ${chosen} s.repoId = 'r' AND s.atMs >= 1 AND s.atMs < 2`);
    assert.match(String(plan[0]?.['detail']), /COVERING INDEX suggestionsForFigures/);
  }));

test('latencies come newest first, as many as wanted', () => {
  const rows = [1, 2, 3].map((atMs) => ({ atMs, latencyMs: { total: atMs } }));
  const found = withGround(rows, ({ db }) => latestLatencies(db, 'repo', 2));
  assert.deepEqual(found, [{ total: 3 }, { total: 2 }]);
});
