/** The ground's schema from each older version, newer and corrupt files, and a process killed while migrating. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import type { IdiomError } from '../../../server/base/errors.ts';
import { openDatabase } from '../../../server/store/database.ts';
import { openGround } from '../../../server/store/ground.ts';
import { groundMigrations } from '../../../server/store/groundMigrations.ts';
import { migrate, schemaVersion } from '../../../server/store/migrations.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-ground-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
const newest = groundMigrations.at(-1)?.version ?? 0;
let nPaths = 0;
const newPath = () => join(folder, `${nPaths++}`, 'idiom.sqlite');

/** Rows that each version could hold, written with the schema of that version. */
const rowsOf: Record<number, string> = {
  0: '',
  1: `
    INSERT INTO suggestions VALUES ('s1', 'repo', 'file:///a.ts', 'a.ts', 'typescript', 5, 3, 'let', '', ' a;', 0,
      'base', 'digest', 'local', '{"total":7}', '[{"path":"b.ts","startLine":1,"endLine":2}]');
    INSERT INTO outcomes VALUES ('s1', 'accepted', NULL, 3, 1, 255, 300, NULL);
    INSERT INTO survivals VALUES ('s1', 30, 0.5, NULL);`,
  2: `INSERT INTO consents VALUES ('embedded', 'allow', 9);`,
  3: `
    INSERT INTO adapterVersions VALUES ('a1', 'repo', 'base1', 5, 7, '{}', NULL, NULL);
    INSERT INTO adapterAliases VALUES ('repo', 'base1', 'champion', 'a1', 6);
    INSERT INTO evalReports VALUES (1, 'repo', 'base1', 'a1', 'task', 6, 'pass', '{}');
    INSERT INTO auditEntries VALUES (1, 'repo', 6, 'gate', 'promoted', 'a1', 'It was better.');`,
  4: `INSERT INTO thumbs VALUES ('s1', 'up', 400); UPDATE outcomes SET keptText = ' a;';`,
  5: `
    INSERT INTO loopStates VALUES ('repo', 'base1', '{}', 7);
    INSERT INTO shadowScores VALUES ('a1', 'task', 's1', 8, 1.5, 1.6);`,
  // Indexes alone.
  6: '',
  7: `INSERT INTO scrubbedFiles VALUES ('datasets/d1', 1);`,
  8: `
    INSERT INTO adapterVersions VALUES ('a3', 'repo', 'base1', 4, 7, '{}', NULL, NULL, 3);
    INSERT INTO adapterVersions VALUES ('b1', 'other', 'base1', 1, 7, '{}', NULL, NULL, 1);`,
  9: `
    INSERT INTO repositoryKeys VALUES ('git:5:6', 'repo', 1, 'digest', 9);
    INSERT INTO switchedOff VALUES ('repo', 'learning', 10);`,
  10: `
    INSERT INTO activityCounts VALUES ('repo', 900000, 'typedChars', 7);
    INSERT INTO trainingRuns VALUES ('plan', 'repo', 9, 4000, 'a1', '{"nSteps":1,"losses":[1],"validation":[]}');`,
};

/** A database as Idiom of that schema version left it, with rows in every table. */
function makeVersion(path: string, version: number): void {
  const db = openDatabase({ path });
  for (let each = 0; each <= version; each++) {
    migrate(db, groundMigrations.slice(0, each));
    db.exec(rowsOf[each] ?? assert.fail(`rows of version ${each} are missing`));
  }
  db.dispose();
}

function schemaOf(path: string): unknown[] {
  const db = openDatabase({ path, isReadOnly: true });
  const rows = db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name');
  db.dispose();
  return rows;
}

test('versions are numbered 1, 2, 3', () => {
  assert.deepEqual(
    groundMigrations.map(({ version }) => version),
    groundMigrations.map((_, i) => i + 1),
  );
});

for (let version = 0; version <= newest; version++) {
  test(`a database of version ${version} keeps its rows and gets the newest schema`, () => {
    const [path, fresh] = [newPath(), newPath()];
    makeVersion(path, version);
    const { ground, setAside } = openGround(path, clock);
    assert.equal(setAside, undefined);
    assert.equal(schemaVersion(ground.db), newest);
    assert.equal(ground.suggestions.get('s1')?.text, version >= 1 ? ' a;' : undefined);
    assert.equal(ground.outcomes.get('s1')?.acceptedChars, version >= 1 ? 3 : undefined);
    assert.equal(ground.survivals.of('s1').length, version >= 1 ? 1 : 0);
    assert.equal(ground.consents.get('embedded'), version >= 2 ? 'allow' : undefined);
    ground.dispose();
    openGround(fresh, clock).ground.dispose();
    assert.deepEqual(schemaOf(path), schemaOf(fresh));
  });
}

test('versions from before they had numbers get them in the order in which they were made', () => {
  const path = newPath();
  const db = openDatabase({ path });
  migrate(db, groundMigrations.slice(0, 6));
  for (const [digest, repoId, atMs] of [
    ['new', 'repo', 9],
    ['old', 'repo', 5],
    ['else', 'other', 7],
  ] as const)
    db.run(`INSERT INTO adapterVersions VALUES (?, ?, 'b', ?, 7, '{}', NULL, NULL)`, digest, repoId, atMs);
  db.dispose();
  const { ground } = openGround(path, clock);
  const facts = { repoId: 'repo', baseDigest: 'b', sizeBytes: 1, lineage: '{}' };
  ground.adapterVersions.add({ ...facts, digest: 'imported', createdAtMs: 1 });
  ground.adapterVersions.add({ ...facts, digest: 'old', createdAtMs: 1 });
  const numbers = ground.adapterVersions.all().map(({ digest, number }) => [digest, number]);
  assert.deepEqual(Object.fromEntries(numbers), { old: 1, new: 2, imported: 3, else: 1 });
  ground.dispose();
});

test('a newer database is refused with a remedy and stays as it is to the byte', () => {
  const path = newPath();
  makeVersion(path, newest);
  const db = openDatabase({ path });
  db.exec(`PRAGMA user_version = ${newest + 7}; PRAGMA journal_mode = DELETE;`);
  db.dispose();
  const before = readFileSync(path);
  assert.throws(
    () => openGround(path, clock),
    (error: IdiomError) => error.code === 'storeNewer' && /newer Idiom.*Update/s.test(error.sentence),
  );
  assert.deepEqual(readFileSync(path), before);
});

test('a file that is no database is set aside, not deleted, and a new one is made', () => {
  const path = newPath();
  openGround(path, clock).ground.dispose();
  writeFileSync(path, 'my shopping list\n'.repeat(100));
  const { ground, setAside } = openGround(path, clock);
  assert.equal(setAside, `${path}.unusable-2026-01-02T03-04-05-000Z`);
  assert.match(readFileSync(setAside, 'utf8'), /^my shopping list/);
  ground.consents.put('a', 'deny', 1);
  assert.equal(ground.consents.get('a'), 'deny');
  ground.dispose();
  assert.equal(openGround(path, clock).setAside, undefined);
});

test('a database with a damaged page is set aside too', () => {
  const path = newPath();
  openGround(path, clock).ground.dispose();
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096, 4096 * 4);
  writeFileSync(path, bytes);
  const { ground, setAside } = openGround(path, clock);
  assert.ok(setAside !== undefined && existsSync(setAside));
  ground.dispose();
});

test('a fault that is not the content is told and sets nothing aside', () => {
  const path = join(newPath(), 'idiom.sqlite');
  openGround(path, clock).ground.dispose();
  assert.throws(() => openGround(join(path, '..'), clock), { name: 'IdiomError', code: 'storeUnusable' });
  assert.ok(statSync(path).isFile());
});

test('a process killed in the middle of a migration leaves the version before it, whole', async () => {
  const path = newPath();
  makeVersion(path, 1);
  const url = (file: string) =>
    JSON.stringify(new URL(`../../../server/store/${file}`, import.meta.url).href);
  const endless = `CREATE TABLE half (n); INSERT INTO half VALUES (1);
    WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up) INSERT INTO half SELECT n FROM up;`;
  const script = `
    const { openDatabase } = await import(${url('database.ts')});
    const { migrate } = await import(${url('migrations.ts')});
    const db = openDatabase({ path: process.argv[1] });
    process.stdout.write('begins', () =>
      migrate(db, [{ version: 1, sql: '' }, { version: 2, sql: ${JSON.stringify(endless)} }]));`;
  const args = ['--no-warnings', '--input-type=module', '-e', script, path];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  // The write lock shows that it is inside the transaction: the WAL grows while it inserts.
  const wal = `${path}-wal`;
  while ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) < 1_000_000) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGKILL');
  await ended;
  const db = openDatabase({ path });
  assert.equal(schemaVersion(db), 1);
  assert.equal(db.get(`SELECT name FROM sqlite_schema WHERE name = 'half'`), undefined);
  db.dispose();
  const { ground } = openGround(path, clock);
  assert.equal(ground.suggestions.get('s1')?.text, ' a;');
  ground.dispose();
});
