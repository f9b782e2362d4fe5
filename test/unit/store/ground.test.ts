/** What the tables of the ground keep, refuse and sum up. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openGround } from '../../../server/store/ground.ts';
import type { Ground } from '../../../server/store/ground.ts';
import type { StoredOutcome } from '../../../server/store/outcomes.ts';
import { deleteSignals, listSignals, sumSignals } from '../../../server/store/signalRecords.ts';
import type { SignalFilter } from '../../../server/store/signalRecords.ts';
import type { StoredSuggestion } from '../../../server/store/suggestions.ts';

const clock = { nowMs: () => 0 };

function suggestion(id: string, changes: Partial<StoredSuggestion> = {}): StoredSuggestion {
  const base = { repoId: 'repo', uri: `file:///r/${id}.ts`, path: `${id}.ts`, languageId: 'typescript' };
  const text = { offset: 2, prefix: 'le', suffix: '\n', text: 't a;', isMultiline: false };
  const origin = { adapter: 'base', baseModel: 'digest', route: 'local', latencyMs: { total: 12.5 } };
  const snippets = [{ path: 'b.ts', startLine: 1, endLine: 9 }];
  return { id, atMs: 1000, ...base, ...text, ...origin, snippets, ...changes };
}

function outcome(suggestionId: string, changes: Partial<StoredOutcome>): StoredOutcome {
  return { suggestionId, kind: 'shown', acceptedChars: 0, isConfirmed: false, ...changes };
}

function withGround(body: (ground: Ground) => void): void {
  const { ground } = openGround(':memory:', clock);
  try {
    body(ground);
  } finally {
    ground.dispose();
  }
}

test('a suggestion comes back as it went in, once', () =>
  withGround(({ suggestions }) => {
    const first = suggestion('a');
    assert.equal(suggestions.add(first), true);
    assert.equal(suggestions.add(suggestion('a', { text: 'other' })), false);
    assert.deepEqual(suggestions.get('a'), first);
    assert.equal(suggestions.get('b'), undefined);
  }));

test('only so much of the text around the cursor is kept, and no half of a surrogate pair breaks it', () =>
  withGround(({ suggestions }) => {
    const long = { prefix: `${'p'.repeat(9000)}!`, suffix: `?${'s'.repeat(1998)}\u{1f600}more` };
    suggestions.add(suggestion('a', long));
    const stored = suggestions.get('a');
    assert.equal(stored?.prefix.length, 8000);
    assert.match(stored.prefix, /p!$/);
    assert.equal(stored.suffix, `?${'s'.repeat(1998)}\ufffd`);
    suggestions.dropContext('a');
    assert.equal(suggestions.get('a')?.prefix, '');
  }));

test('the newest suggestion of a document is found', () =>
  withGround(({ suggestions }) => {
    for (const [id, atMs] of [
      ['a', 5],
      ['b', 9],
      ['c', 9],
      ['d', 7],
    ] as const) {
      suggestions.add(suggestion(id, { atMs, uri: 'file:///same.ts' }));
    }
    assert.equal(suggestions.latestOf('file:///same.ts')?.id, 'c');
    assert.equal(suggestions.latestOf('file:///none.ts'), undefined);
  }));

/** Puts outcomes one after the other; checks the last state. */
function checkOutcomes(put: readonly Partial<StoredOutcome>[], expected: Partial<StoredOutcome>): void {
  withGround(({ suggestions, outcomes }) => {
    suggestions.add(suggestion('a'));
    for (const each of put) outcomes.put(outcome('a', each));
    const stored = outcomes.get('a');
    assert.deepEqual({ ...stored, ...expected }, stored);
  });
}

test('an outcome moves forward, and the first that ends it stays', () => {
  const accepted = { kind: 'accepted', acceptedChars: 4, endedAtMs: 20, isConfirmed: true } as const;
  checkOutcomes([{ kind: 'returned' }, { kind: 'shown', shownAtMs: 10 }], { kind: 'shown', shownAtMs: 10 });
  checkOutcomes([{ shownAtMs: 10 }, accepted], { ...accepted, shownAtMs: 10 });
  checkOutcomes([accepted, accepted], accepted);
  checkOutcomes([accepted, { kind: 'rejected', isExplicit: true, endedAtMs: 30 }], accepted);
  checkOutcomes([accepted, { kind: 'shown', shownAtMs: 40 }], { kind: 'accepted', shownAtMs: undefined });
  checkOutcomes([{ kind: 'rejected', isExplicit: false, endedAtMs: 3 }], { isExplicit: false });
});

test('an outcome needs its suggestion', () =>
  withGround(({ outcomes }) => {
    assert.throws(() => outcomes.put(outcome('nobody', {})), /FOREIGN KEY/);
  }));

test('what a dead daemon left open is ended, and its missing samples are unknown', () =>
  withGround(({ suggestions, outcomes, survivals }) => {
    for (const id of ['open', 'half', 'done', 'refused']) suggestions.add(suggestion(id));
    outcomes.put(outcome('open', { shownAtMs: 5 }));
    outcomes.put(outcome('half', { kind: 'partiallyAccepted', acceptedChars: 2 }));
    outcomes.put(outcome('done', { kind: 'accepted', acceptedChars: 4, endedAtMs: 9 }));
    outcomes.put(outcome('refused', { kind: 'rejected', isExplicit: false, endedAtMs: 9 }));
    survivals.add({ suggestionId: 'done', afterS: 30, value: { similarity: 1 } });
    assert.equal(outcomes.endUnfinished(1000, 50, 'restart'), 0, 'they are not older than that');
    assert.equal(outcomes.endUnfinished(1001, 50, 'restart'), 2);
    survivals.fillMissing(1000, 'late');
    assert.equal(survivals.of('done').length, 1);
    survivals.fillMissing(1001, 'restart');
    survivals.fillMissing(1001, 'late');
    assert.deepEqual(
      [outcomes.get('open')?.kind, outcomes.get('half')?.kind, outcomes.get('done')?.endedAtMs],
      ['ignored', 'partiallyAccepted', 9],
    );
    const values = (id: string) => survivals.of(id).map(({ value }) => value);
    const unknown = { unknown: 'restart' };
    assert.deepEqual(values('done'), [{ similarity: 1 }, unknown, unknown, unknown]);
    assert.deepEqual(values('half'), [unknown, unknown, unknown, unknown]);
    assert.deepEqual([values('open'), values('refused')], [[], []]);
  }));

function fill(ground: Ground): void {
  const { suggestions, outcomes, survivals } = ground;
  suggestions.add(suggestion('a', { atMs: 100, path: 'src/deep/a.ts' }));
  outcomes.put(outcome('a', { kind: 'accepted', acceptedChars: 10, shownAtMs: 1, endedAtMs: 2 }));
  survivals.add({ suggestionId: 'a', afterS: 30, value: { similarity: 1 } });
  survivals.add({ suggestionId: 'a', afterS: 120, value: { similarity: 0.5 } });
  survivals.add({ suggestionId: 'a', afterS: 300, value: { unknown: 'checkout' } });
  suggestions.add(suggestion('b', { atMs: 200, path: 'src/b.ts' }));
  outcomes.put(outcome('b', { kind: 'rejected', isExplicit: false, shownAtMs: 1, endedAtMs: 2 }));
  suggestions.add(suggestion('c', { atMs: 300, path: 'c.md', repoId: 'other' }));
  suggestions.add(suggestion('d', { atMs: 400, path: 'd.ts' }));
  outcomes.put(outcome('d', { kind: 'accepted', acceptedChars: 90, shownAtMs: 1, endedAtMs: 2 }));
}

function checkFilter(filter: SignalFilter, ids: readonly string[]): void {
  withGround((ground) => {
    fill(ground);
    assert.deepEqual(
      listSignals(ground.db, filter, 100).map((record) => record.suggestion.id),
      ids,
    );
    assert.equal(sumSignals(ground.db, filter).returned, ids.length);
    assert.equal(deleteSignals(ground.db, filter).deleted, ids.length);
    assert.deepEqual(listSignals(ground.db, filter, 100), []);
    assert.equal(listSignals(ground.db, {}, 100).length, 4 - ids.length);
  });
}

test('records are listed, counted and deleted by the same filter', () => {
  checkFilter({}, ['d', 'c', 'b', 'a']);
  checkFilter({ repoId: 'repo' }, ['d', 'b', 'a']);
  checkFilter({ sinceMs: 200, beforeMs: 400 }, ['c', 'b']);
  checkFilter({ pathGlob: 'src/*' }, ['b', 'a']);
  checkFilter({ pathGlob: '*.md' }, ['c']);
  checkFilter({ kind: 'returned' }, ['c']);
  checkFilter({ kind: 'accepted', repoId: 'repo' }, ['d', 'a']);
  checkFilter({ repoId: 'nobody' }, []);
});

test('totals: retained characters count only where the fate is known', () =>
  withGround((ground) => {
    fill(ground);
    assert.deepEqual(sumSignals(ground.db, {}), {
      returned: 4,
      shown: 3,
      accepted: 2,
      partiallyAccepted: 0,
      typedOut: 0,
      rejectedExplicitly: 0,
      rejectedImplicitly: 1,
      ignored: 0,
      acceptedChars: 100,
      // a: 10 x 0.5, b: 0; d has no sample yet.
      retainedCharsPerShown: 2.5,
    });
    assert.equal(sumSignals(ground.db, { repoId: 'nobody' }).retainedCharsPerShown, undefined);
  }));

test('the latest answer about a download counts', () =>
  withGround(({ consents }) => {
    assert.equal(consents.get('hf:a/b/c.gguf'), undefined);
    consents.put('hf:a/b/c.gguf', 'deny', 1);
    consents.put('hf:a/b/c.gguf', 'allow', 2);
    assert.equal(consents.get('hf:a/b/c.gguf'), 'allow');
  }));

test('deleted text is gone from the disk, and the files are private', () => {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-delete-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { ground } = openGround(join(folder, 'data', 'idiom.sqlite'), clock);
  ground.suggestions.add(suggestion('a', { prefix: 'very private text' }));
  const files = () => readdirSync(join(folder, 'data')).map((name) => join(folder, 'data', name));
  const holdsText = () => files().some((file) => readFileSync(file).includes('very private text'));
  assert.equal(holdsText(), true);
  deleteSignals(ground.db, {});
  assert.equal(holdsText(), false);
  if (process.platform !== 'win32') {
    for (const file of files()) assert.equal(statSync(file).mode & 0o077, 0, file);
    assert.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700);
  }
  ground.dispose();
});
