/** The life of one repository's indexer, with a clock that is moved by hand. */

import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import type { FromIndexer } from '../../../server/retrieval/indexMessages.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndexForReading } from '../../../server/retrieval/indexSchema.ts';
import { indexStatus } from '../../../server/retrieval/indexStatus.ts';
import { RepositoryIndexer } from '../../../server/retrieval/repositoryIndexer.ts';
import { openDatabase } from '../../../server/store/database.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

async function withIndexer(run: (fixture: ReturnType<typeof start>) => Promise<void>) {
  const folder = temporaryFolder();
  const fixture = start(folder);
  try {
    await run(fixture);
  } finally {
    fixture.indexer.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(folder: string) {
  const root = join(folder, 'tree');
  const indexPath = join(folder, 'index.sqlite');
  mkdirSync(root);
  const clock = new ManualClock(1e12);
  const messages: FromIndexer[] = [];
  const indexer = new RepositoryIndexer({
    key: 'k',
    indexPath,
    root,
    gitDir: undefined,
    settingGlobs: [],
    syntax: undefined,
    clock,
    notify: (message) => messages.push(message),
  });
  function read<T>(ask: (db: NonNullable<ReturnType<typeof openIndexForReading>>) => T): T {
    const db = openIndexForReading(indexPath);
    assert.ok(db !== undefined);
    try {
      return ask(db);
    } finally {
      db.dispose();
    }
  }
  return {
    indexer,
    clock,
    messages,
    indexPath,
    root,
    write: (path: string, text: string) => writeFileSync(join(root, path), text),
    remove: (path: string) => rmSync(join(root, path)),
    status: () => read(indexStatus),
    having: (term: string) =>
      read((db) => {
        const reader = createIndexReader(db);
        return (reader.postings(term, 100) ?? []).flatMap((id) => reader.chunk(id)?.path ?? []).join(' ');
      }),
    causes: () => messages.flatMap((message) => (message.type === 'synced' ? message.cause : [])),
  };
}

test('walks, tells, and walks again after a while', () =>
  withIndexer(async ({ indexer, clock, messages, write, having, causes, status }) => {
    write('a.ts', 'const alpha = 1;\n');
    indexer.sync('opened');
    await indexer.idle();
    assert.equal(having('alpha'), 'a.ts');
    assert.equal(status().completeAtMs, 1e12);
    write('b.ts', 'const beta = 1;\n');
    clock.advance(20_000);
    await indexer.idle();
    assert.equal(having('beta'), 'b.ts');
    assert.deepEqual(causes(), ['opened', 'regular']);
    const numbers = messages.flatMap((message) =>
      'status' in message ? [[message.type, message.status.nFiles, message.status.completeAtMs]] : [],
    );
    assert.deepEqual(numbers, [
      ['opened', 0, undefined],
      ['synced', 1, 1e12],
      ['synced', 2, 1e12 + 20_000],
    ]);
  }));

test('changed files are stored at once, many of them by a walk', () =>
  withIndexer(async ({ indexer, write, remove, having, causes }) => {
    write('a.ts', 'const alpha = 1;\n');
    await indexer.update(['a.ts']);
    assert.equal(having('alpha'), 'a.ts');
    remove('a.ts');
    await indexer.update(['a.ts', 'never/was.ts']);
    assert.equal(having('alpha'), '');
    assert.deepEqual(causes(), []);
    write('b.ts', 'const beta = 1;\n');
    await indexer.update(Array.from({ length: 300 }, (_, i) => `f${i}.ts`));
    await indexer.idle();
    assert.equal(having('beta'), 'b.ts');
    assert.deepEqual(causes(), ['many files']);
  }));

test('a changed file is no part of the tree where a walk would not come', () =>
  withIndexer(async ({ indexer, root, write, having }) => {
    mkdirSync(join(root, 'clone', '.git'), { recursive: true });
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'link'));
    for (const path of ['clone/a.ts', 'real/b.ts']) write(path, 'const alpha = 1;\n');
    await indexer.update(['clone/a.ts', 'link/b.ts']);
    assert.equal(having('alpha'), '');
    await indexer.update(['real/b.ts']);
    assert.equal(having('alpha'), 'real/b.ts');
    rmSync(join(root, 'real'), { recursive: true });
    symlinkSync('clone', join(root, 'real'));
    await indexer.update(['real/b.ts']);
    assert.equal(having('alpha'), '');
  }));

test('a changed ignore file or setting counts for what is there already', () =>
  withIndexer(async ({ indexer, write, having, status }) => {
    write('a.ts', 'const alpha = 1;\n');
    write('b.ts', 'const alpha = 2;\n');
    indexer.sync('opened');
    await indexer.idle();
    write('.gitignore', 'a.ts\n');
    await indexer.update(['.gitignore']);
    await indexer.idle();
    assert.equal(having('alpha'), 'b.ts');
    indexer.setSettingGlobs(['b.ts']);
    await indexer.idle();
    assert.equal(having('alpha'), '');
    assert.deepEqual(status().skipped, { gitignore: 1, setting: 1 });
  }));

test('cancelling ends the running walk and the one that waits, and keeps what is there', () =>
  withIndexer(async ({ indexer, messages, write, having, causes }) => {
    for (let i = 0; i < 100; i++) write(`f${i}.ts`, `const common = ${i};\n`);
    indexer.sync('opened');
    indexer.sync('waits');
    indexer.cancel();
    await indexer.idle();
    assert.deepEqual(causes(), []);
    assert.equal(messages.at(-1)?.type, 'stopped');
    indexer.sync('again');
    await indexer.idle();
    assert.equal(having('common').split(' ').length, 100);
  }));

test('where there can be no index file it says so, and begins by itself once there can be', () =>
  withIndexer(async ({ indexer, clock, messages, indexPath, write, having }) => {
    write('a.ts', 'const alpha = 1;\n');
    // A folder that is not empty, in the file's place, can't be written or removed by anyone.
    mkdirSync(join(indexPath, 'x'), { recursive: true });
    indexer.sync('opened');
    await indexer.idle();
    const trouble = messages.at(-1);
    assert.ok(trouble?.type === 'trouble');
    assert.match(trouble.reason, /^\S.*\.$/);
    rmSync(indexPath, { recursive: true });
    clock.advance(20_000);
    await indexer.idle();
    assert.equal(having('alpha'), 'a.ts');
  }));

test('an index that breaks while it is in use is made again by itself', () =>
  withIndexer(async ({ indexer, clock, messages, indexPath, write, having }) => {
    for (let i = 0; i < 100; i++) write(`f${i}.ts`, `const common = ${i};\n`.repeat(20));
    indexer.sync('opened');
    await indexer.idle();
    breakFile(indexPath);
    write('new.ts', 'const fresh = 1;\n');
    indexer.sync('again');
    await indexer.idle();
    assert.deepEqual(messages.at(-1)?.type, 'trouble');
    clock.advance(0);
    await indexer.idle();
    assert.equal(messages.at(-1)?.type, 'synced');
    assert.equal(having('common').split(' ').length, 100);
    assert.equal(having('fresh'), 'new.ts');
  }));

test('an index that was deleted while it is in use is made again by the next walk', () =>
  withIndexer(async ({ indexer, clock, messages, indexPath, write, having }) => {
    write('a.ts', 'const alpha = 1;\n');
    indexer.sync('opened');
    await indexer.idle();
    for (const suffix of ['', '-wal', '-shm']) rmSync(indexPath + suffix, { force: true });
    clock.advance(20_000);
    await indexer.idle();
    assert.equal(having('alpha'), 'a.ts');
    assert.equal(messages.filter(({ type }) => type === 'opened').length, 2);
  }));

/** Overwrites all pages but the first three, as a failing disk might, and has the writer forget the pages that it remembers. */
function breakFile(path: string): void {
  const db = openDatabase({ path });
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const sizeBytes = statSync(path).size;
  const fd = openSync(path, 'r+');
  const start = 3 * 4096;
  writeSync(fd, Buffer.alloc(sizeBytes - start, 0x5a), 0, sizeBytes - start, start);
  closeSync(fd);
  db.exec('PRAGMA user_version = 1');
  db.dispose();
}
