/** Where loops stand and what shadow scores there are, as the database keeps them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../../server/store/database.ts';
import type { Database } from '../../../server/store/database.ts';
import { groundMigrations } from '../../../server/store/groundMigrations.ts';
import { loopStatesTable } from '../../../server/store/loopStates.ts';
import { migrate } from '../../../server/store/migrations.ts';
import { listRetainedChars } from '../../../server/store/retainedChars.ts';
import { shadowScoresTable } from '../../../server/store/shadowScores.ts';
import { suggestionsTable } from '../../../server/store/suggestions.ts';

function withDatabase(body: (db: Database) => void): void {
  const db = openDatabase({ path: ':memory:' });
  try {
    migrate(db, groundMigrations);
    body(db);
  } finally {
    db.dispose();
  }
}

/** A suggestion at a time, with what was kept in its place. */
function add(
  db: Database,
  id: string,
  atMs: number,
  keptText: string | null,
  path = 'a.ts',
  repoId = 'repo',
): void {
  suggestionsTable(db).add({
    ...{ id, repoId, path, atMs },
    uri: `file:///${path}`,
    languageId: 'typescript',
    offset: 4,
    prefix: 'let ',
    suffix: '',
    text: 'x',
    isMultiline: false,
    adapter: 'base',
    baseModel: 'model',
    route: 'local',
    latencyMs: {},
    snippets: [],
  });
  db.run(
    `INSERT INTO outcomes (suggestionId, kind, acceptedChars, isConfirmed, keptText) VALUES (?, 'ignored', 0, 0, ?)`,
    id,
    keptText,
  );
}

test('each repository and base model has one loop, the newest state counts', () =>
  withDatabase((db) => {
    const table = loopStatesTable(db);
    table.put('repo', 'model', 'one', 1);
    table.put('repo', 'model', 'two', 2);
    table.put('repo', 'other', 'three', 3);
    assert.deepEqual(
      ['model', 'other', 'third'].map((model) => table.get('repo', model)),
      ['two', 'three', undefined],
    );
  }));

const pair = { candidate: 'new', champion: 'old' };
const filter = { ...pair, repoId: 'repo', sinceMs: 0, beforeMs: 1e9 };
const minute = 60_000;

function checkAwaiting(name: string, prepare: (db: Database) => void, expected: string[], wish = {}): void {
  test(name, () =>
    withDatabase((db) => {
      prepare(db);
      const found = shadowScoresTable(db).awaiting({ ...filter, ...wish }, 10);
      assert.deepEqual(
        found.map(({ suggestion, keptText }) => `${suggestion.id} ${keptText}`),
        expected,
      );
    }),
  );
}

checkAwaiting(
  'what was kept is awaited, oldest first',
  (db) => {
    add(db, 'b', 2 * minute, 'y');
    add(db, 'a', 0, 'x');
  },
  ['a x', 'b y'],
);
checkAwaiting(
  'of what nobody knows or nothing was kept, nothing is scored',
  (db) => {
    add(db, 'a', 0, null);
    add(db, 'b', minute, '');
  },
  [],
);
checkAwaiting(
  'of one file one a minute, of another file too',
  (db) => {
    add(db, 'a', 1, 'x');
    add(db, 'b', 2, 'y');
    add(db, 'c', 3, 'z', 'b.ts');
  },
  ['a x', 'c z'],
);
checkAwaiting(
  'another repository and another time do not count',
  (db) => {
    add(db, 'a', 0, 'x', 'a.ts', 'other');
    add(db, 'b', 5 * minute, 'x');
    add(db, 'c', 9 * minute, 'x');
  },
  ['b x'],
  { sinceMs: 1, beforeMs: 9 * minute },
);
checkAwaiting(
  'what has its score is not scored again, for another pair it is',
  (db) => {
    add(db, 'a', 0, 'x');
    add(db, 'b', minute, 'x');
    const table = shadowScoresTable(db);
    table.add({ ...pair, suggestionId: 'a', atMs: 1, candidateNll: 1, championNll: 2 });
    table.add({
      candidate: 'newer',
      champion: 'old',
      suggestionId: 'b',
      atMs: 1,
      candidateNll: 1,
      championNll: 2,
    });
  },
  ['b x'],
);

test('scores come back in the order of time, the first of a suggestion stays, and those of forgotten ones go', () =>
  withDatabase((db) => {
    add(db, 'a', 0, 'x');
    const table = shadowScoresTable(db);
    const score = (suggestionId: string, atMs: number, candidateNll: number) =>
      table.add({ ...pair, suggestionId, atMs, candidateNll, championNll: 1 });
    score('gone', 5, 0.5);
    score('a', 3, 0.25);
    score('a', 4, 0.75);
    const of = () => table.of('new', 'old').map((each) => [each.suggestionId, each.candidateNll]);
    assert.deepEqual(of(), [
      ['a', 0.25],
      ['gone', 0.5],
    ]);
    assert.equal(table.prune(), 1);
    assert.deepEqual(of(), [['a', 0.25]]);
  }));

test('retained characters come as a series of what was shown and has ended, by what is known to survive', () =>
  withDatabase((db) => {
    const end = (id: string, atMs: number, chars: number, similarity: number | undefined) => {
      add(db, id, atMs, null);
      db.run(
        'UPDATE outcomes SET shownAtMs = 1, endedAtMs = 2, acceptedChars = ? WHERE suggestionId = ?',
        chars,
        id,
      );
      if (similarity !== undefined)
        db.run('INSERT INTO survivals (suggestionId, afterS, similarity) VALUES (?, 30, ?)', id, similarity);
    };
    end('ignored', 1, 0, undefined);
    end('kept', 2, 10, 0.5);
    end('unknown yet', 3, 10, undefined);
    add(db, 'never shown', 4, null);
    end('newest', 5, 4, 1);
    const filter = { repoId: 'repo', adapter: 'base', sinceMs: 0, beforeMs: 10 };
    assert.deepEqual(listRetainedChars(db, filter, 10), [0, 5, 4]);
    assert.deepEqual(listRetainedChars(db, filter, 2), [5, 4]);
    assert.deepEqual(listRetainedChars(db, { ...filter, adapter: 'other' }, 10), []);
  }));
