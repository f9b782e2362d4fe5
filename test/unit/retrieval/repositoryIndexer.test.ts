/** The life of one repository's indexer, with a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import type { FromIndexer } from '../../../server/retrieval/indexMessages.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndexForReading } from '../../../server/retrieval/indexSchema.ts';
import { indexStatus } from '../../../server/retrieval/indexStatus.ts';
import { RepositoryIndexer } from '../../../server/retrieval/repositoryIndexer.ts';
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
  withIndexer(async ({ indexer, clock, write, having, causes, status }) => {
    write('a.ts', 'const alpha = 1;\n');
    assert.equal(status().completeAtMs, undefined);
    indexer.sync('opened');
    await indexer.idle();
    assert.equal(having('alpha'), 'a.ts');
    assert.equal(status().completeAtMs, 1e12);
    write('b.ts', 'const beta = 1;\n');
    clock.advance(20_000);
    await indexer.idle();
    assert.equal(having('beta'), 'b.ts');
    assert.deepEqual(causes(), ['opened', 'regular']);
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

test('cancelling keeps what is there', () =>
  withIndexer(async ({ indexer, write, having, causes }) => {
    for (let i = 0; i < 100; i++) write(`f${i}.ts`, `const common = ${i};\n`);
    indexer.sync('opened');
    indexer.cancel();
    await indexer.idle();
    assert.deepEqual(causes(), []);
    indexer.sync('again');
    await indexer.idle();
    assert.equal(having('common').split(' ').length, 100);
  }));
