/** `idiom signals` on a small record: what it prints, what it deletes, what it refuses. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { registerSignals } from '../../../server/cli/signals.ts';
import { openGround } from '../../../server/store/ground.ts';
import type { StoredOutcome } from '../../../server/store/outcomes.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-signals-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const nowMs = Date.UTC(2026, 2, 10, 12);
const dayMs = 86_400_000;
let nRecords = 0;

/** Four suggestions: two of this repository today, one of last week, one of another repository. */
function makeRecord(): string {
  const path = join(folder, `${nRecords++}.sqlite`);
  const { ground } = openGround(path, { nowMs: () => nowMs });
  function add(
    id: string,
    file: string,
    agoMs: number,
    repoId: string,
    outcome: Partial<StoredOutcome>,
  ): void {
    const where = { repoId, uri: `file:///${file}`, path: file, languageId: 'typescript', offset: 1 };
    const what = { prefix: 'p', suffix: 's', text: `${id}();\n  next();`, isMultiline: true };
    const how = { adapter: 'base', baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] };
    ground.suggestions.add({ id, atMs: nowMs - agoMs, ...where, ...what, ...how });
    const nothing = { kind: 'returned', acceptedChars: 0, isConfirmed: false } as const;
    ground.outcomes.put({ suggestionId: id, ...nothing, ...outcome });
  }
  const seen = { shownAtMs: 1, endedAtMs: 2 };
  add('one', 'src/a.ts', 1000, 'here', { kind: 'accepted', acceptedChars: 6, ...seen });
  add('two', 'src/b.ts', 2000, 'here', { kind: 'rejected', isExplicit: false, ...seen });
  add('old', 'src/a.ts', 7 * dayMs, 'here', { kind: 'ignored', endedAtMs: 2 });
  add('far', 'x.ts', 500, 'elsewhere', { kind: 'typedOut', ...seen });
  ground.survivals.add({ suggestionId: 'one', afterS: 30, value: { similarity: 0.5 } });
  ground.survivals.add({ suggestionId: 'one', afterS: 120, value: { unknown: 'checkout' } });
  ground.thumbs.put('two', 'down', nowMs);
  ground.dispose();
  return path;
}

async function run(groundPath: string, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const program = new Command('idiom').exitOverride().configureOutput({ writeErr: () => undefined });
  registerSignals(program, {
    groundPath,
    write: (line) => lines.push(line),
    remark: (line) => lines.push(`! ${line}`),
    nowMs: () => nowMs,
    confirm: () => Promise.resolve(undefined),
    repo: () => Promise.resolve({ repoId: 'here', root: '/here' }),
  });
  await program.parseAsync(['signals', ...args], { from: 'user' });
  return lines;
}

async function check(args: readonly string[], expected: readonly string[]): Promise<void> {
  assert.deepEqual(await run(makeRecord(), ...args), expected);
}

const one = '2026-03-10 11:59  accepted 6                src/a.ts  "one();..."  30s:50% 120s:checkout  one';
const two = '2026-03-10 11:59  passed over               src/b.ts  "two();..."  thumbs down  two';
const old = '2026-03-03 12:00  ignored                   src/a.ts  "old();..."  old';
const far = '2026-03-10 11:59  typedOut                  x.ts  "far();..."  far';

test('lists this repository, newest first, with totals', () =>
  check(
    [],
    [
      one,
      two,
      old,
      '',
      '3 returned, 2 shown: 1 accepted, 0 in part, 0 typed out, 0 rejected, 1 passed over, 1 ignored.',
      '6 characters accepted; 1.5 accepted and retained per suggestion shown.',
    ],
  ));

test('filters choose what is listed', async () => {
  const listed = async (...args: string[]) => (await run(makeRecord(), ...args)).slice(0, -3);
  assert.deepEqual(await listed('--everywhere'), [far, one, two, old]);
  assert.deepEqual(await listed('--since', '7d'), [one, two, old]);
  assert.deepEqual(await listed('--since', '6d'), [one, two]);
  assert.deepEqual(await listed('--before', '2026-03-10'), [old]);
  assert.deepEqual(await listed('--path', 'src/a*'), [one, old]);
  assert.deepEqual(await listed('--outcome', 'rejected'), [two]);
  assert.deepEqual(await listed('--limit', '1'), [one]);
});

test('nothing matches', () => check(['--path', 'nowhere/*'], ['Nothing is recorded that matches.']));

test('JSON has everything', async () => {
  const [line = ''] = await run(makeRecord(), '--json', '--limit', '1');
  const { totals, signals } = JSON.parse(line) as {
    totals: Record<string, number>;
    signals: { id: string; prefix: string; outcome: object; survivals: object[] }[];
  };
  assert.equal(totals['shown'], 2);
  assert.equal(signals.length, 1);
  assert.equal(signals[0]?.prefix, 'p');
  assert.deepEqual(signals[0]?.survivals, [
    { afterS: 30, similarity: 0.5 },
    { afterS: 120, unknown: 'checkout' },
  ]);
});

test('deletes what matches, says what is gone, and leaves the rest', async () => {
  const path = makeRecord();
  assert.deepEqual(await run(path, '--delete', '--path', 'src/a*'), [
    'Deleted 2 suggestions.',
    '  src/a.ts: 2',
  ]);
  assert.deepEqual((await run(path, '--everywhere')).slice(0, 2), [far, two]);
  assert.deepEqual(await run(path, '--delete', '--all'), ['Deleted 1 suggestion.', '  src/b.ts: 1']);
  assert.deepEqual((await run(path, '--everywhere')).slice(0, 2), [far, '']);
  assert.deepEqual(await run(path, '--delete', '--all', '--everywhere', '--json'), [
    '{"deleted":1,"paths":[{"path":"x.ts","count":1}]}',
  ]);
});

test('deletes by age', () =>
  check(['--delete', '--before', '1d'], ['Deleted 1 suggestion.', '  src/a.ts: 1']));

test('refuses to guess what to delete', async () => {
  const path = makeRecord();
  for (const args of [['--delete'], ['--all'], ['--delete', '--all', '--path', 'x']]) {
    await assert.rejects(run(path, ...args), { name: 'IdiomError', code: 'wrongUse' });
  }
  await assert.rejects(run(path, '--since', 'yesterday'), { code: 'commander.invalidArgument' });
  await assert.rejects(run(path, '--outcome', 'liked'), { code: 'commander.invalidArgument' });
  assert.equal((await run(path, '--everywhere')).length, 7);
});

test('without a record nothing is made', async () => {
  const path = join(folder, 'none.sqlite');
  assert.deepEqual(await run(path), ['Nothing is recorded yet.']);
  assert.deepEqual(await run(path, '--delete', '--all', '--json'), ['{"deleted":0,"paths":[]}']);
  assert.equal(existsSync(path), false);
});
