/** Questions to real, small repositories. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { normaliseRemote, openRepository } from '../../../server/git/repository.ts';
import type { Repository } from '../../../server/git/repository.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';
import type { GitFixture } from '../../support/gitFixture.ts';

async function withRepository(body: (fixture: GitFixture, open: () => Promise<Repository>) => Promise<void>) {
  const fixture = createGitFixture();
  try {
    await body(fixture, async () => {
      const repository = await openRepository(fixture.root);
      assert(repository !== undefined);
      return repository;
    });
  } finally {
    fixture.dispose();
  }
}

test('commits come newest first, with time and merges marked', () =>
  withRepository(async (fixture, open) => {
    const first = fixture.commit({ 'a.txt': 'a\n' });
    fixture.git('checkout', '-q', '-b', 'side');
    fixture.commit({ 'b.txt': 'b\n' });
    fixture.git('checkout', '-q', 'main');
    fixture.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    const commits = await (await open()).commits({ max: 9 });
    assert.deepEqual(
      commits.map((commit) => [commit.isMerge, commit.timeMs]),
      [
        [true, 3_000_000],
        [false, 1_000_000],
      ],
    );
    assert.equal(commits[1]?.id, first);
  }));

test('added lines of a commit, also of the first one', () =>
  withRepository(async (fixture, open) => {
    const first = fixture.commit({ 'a.txt': 'one\ntwo\n' });
    const second = fixture.commit({ 'a.txt': 'one\nnew\ntwo\n', 'bin.dat': new Uint8Array([0, 1, 2]) });
    const repository = await open();
    assert.deepEqual(await repository.addedLines(first), [
      { path: 'a.txt', blocks: [{ startLine: 1, lines: ['one', 'two'] }] },
    ]);
    assert.deepEqual(await repository.addedLines(second), [
      { path: 'a.txt', blocks: [{ startLine: 2, lines: ['new'] }] },
    ]);
  }));

test('trees and blobs, with odd names, binary content and a missing object', () =>
  withRepository(async (fixture, open) => {
    const commit = fixture.commit({
      'a b\n\u00e4.txt': 'text',
      'bin.dat': new Uint8Array([10, 0, 255]),
      empty: '',
    });
    const repository = await open();
    const files = await repository.listTree(commit);
    assert.deepEqual(
      files.map((file) => [file.path, file.sizeBytes]),
      [
        ['a b\n\u00e4.txt', 4],
        ['bin.dat', 3],
        ['empty', 0],
      ],
    );
    const ids = files.map((file) => file.blobId);
    const blobs = await repository.readBlobs([ids[1] ?? '', '1'.repeat(40), ids[2] ?? '', ids[0] ?? '']);
    assert.deepEqual(
      blobs.map((blob) => blob?.toString('hex')),
      ['0a00ff', undefined, '', '74657874'],
    );
  }));

test('one file as of a commit', () =>
  withRepository(async (fixture, open) => {
    const first = fixture.commit({ 'a.txt': 'old' });
    fixture.commit({ 'a.txt': 'new' });
    const repository = await open();
    assert.equal((await repository.fileAt(first, 'a.txt'))?.toString(), 'old');
    assert.equal(await repository.fileAt(first, 'b.txt'), undefined);
  }));

test('many files as of a commit, in order, with missing ones between', () =>
  withRepository(async (fixture, open) => {
    const old = fixture.commit({ 'a.txt': 'old\n', 'b c.txt': 'blank\n' });
    fixture.commit({ 'a.txt': 'new\n' });
    const found = await (await open()).filesAt(old, ['a.txt', 'not here.txt', 'b c.txt', 'x\ny']);
    assert.deepEqual(
      found.map((file) => file?.toString()),
      ['old\n', undefined, 'blank\n', undefined],
    );
  }));

test('a diff beyond the limit is an error, not half an answer', () =>
  withRepository(async (fixture, open) => {
    const commit = fixture.commit({ 'a.txt': 'line\n'.repeat(5000) });
    await assert.rejects((await open()).addedLines(commit, undefined, 1000), { code: 'gitFailed' });
  }));

test('a shallow clone knows that it is one', () =>
  withRepository(async (fixture, open) => {
    fixture.commit({ 'a.txt': 'one\n' });
    fixture.commit({ 'a.txt': 'two\n' });
    assert.equal(await (await open()).isShallow(), false);
    const folder = temporaryFolder();
    try {
      execFileSync('git', ['clone', '-q', '--depth', '1', `file://${fixture.root}`, join(folder, 'clone')]);
      assert.equal(await (await openRepository(join(folder, 'clone')))?.isShallow(), true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }));

test('a repository without commits has no head and no history', () =>
  withRepository(async (_fixture, open) => {
    const repository = await open();
    assert.equal(await repository.head(), undefined);
    assert.deepEqual(await repository.commits({ max: 5 }), []);
  }));

test('an unknown commit is wrong use', () =>
  withRepository(async (fixture, open) => {
    fixture.commit({ a: '' });
    await assert.rejects((await open()).resolveCommit('--upload-pack=x'), /There is no commit/);
  }));

test('clones and worktrees have one repoId, another repository another', () =>
  withRepository(async (fixture, open) => {
    fixture.commit({ a: 'a' });
    fixture.git('remote', 'add', 'origin', 'git@Example.org:team/thing.git');
    const original = await open();
    const other = temporaryFolder();
    try {
      fixture.git('worktree', 'add', '-q', join(other, 'tree'), '-b', 'side');
      assert.equal((await openRepository(join(other, 'tree')))?.repoId, original.repoId);
      execFileSync('git', ['clone', '-q', fixture.root, join(other, 'clone')]);
      execFileSync('git', [
        '-C',
        join(other, 'clone'),
        'remote',
        'set-url',
        'origin',
        'https://example.org/team/thing',
      ]);
      assert.equal((await openRepository(join(other, 'clone')))?.repoId, original.repoId);
      assert.equal(original.name, 'thing');
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  }));

test('a folder outside of any repository yields none', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'inner'));
  assert.equal(await openRepository(join(folder, 'inner')), undefined);
  rmSync(folder, { recursive: true });
});

test("a repository's own configuration runs no program", () =>
  withRepository(async (fixture, open) => {
    const commit = fixture.commit({ 'a.txt': 'a\n', '.gitattributes': '*.txt diff=evil\n' });
    fixture.git('config', 'core.fsmonitor', 'touch evil1; false');
    fixture.git('config', 'diff.evil.textconv', 'touch evil2; cat');
    fixture.git('config', 'diff.external', 'touch evil3');
    const repository = await open();
    await repository.addedLines(commit);
    await repository.listTree(commit);
    for (const trace of ['evil1', 'evil2', 'evil3']) {
      assert(!existsSync(join(fixture.root, trace)), trace);
    }
  }));

for (const [url, expected] of [
  ['git@Example.org:team/thing.git', 'example.org/team/thing'],
  ['ssh://git@example.org:22/team/thing.git', 'example.org/team/thing'],
  ['https://user:secret@example.org/team/thing/', 'example.org/team/thing'],
  ['/srv/git/thing.git', 'srv/git/thing'],
] as const) {
  test(`the remote ${url.replace('secret', '...')}`, () => assert.equal(normaliseRemote(url), expected));
}
