/** Questions to real, small repositories. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { normaliseRemote, openRepository } from '../../../server/git/repository.ts';
import type { Commit, Repository } from '../../../server/git/repository.ts';
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

/** What a commit added, as `PATH:LINE TEXT|TEXT`, then what was left out. */
async function told(repository: Repository, commit: Commit | undefined): Promise<string[]> {
  assert(commit !== undefined);
  const { files, leftOut, lack } = await repository.changeOf(commit);
  return [
    ...files.flatMap(({ path, blocks }) =>
      blocks.map(({ startLine, lines }) => `${path}:${startLine} ${lines.join('|')}`),
    ),
    ...leftOut.map(({ path, reason }) => `${path} ${reason}`),
    ...(lack === undefined ? [] : [lack]),
  ];
}

test('the main line, newest first; a merge is what it brought in', () =>
  withRepository(async (fixture, open) => {
    const first = fixture.commit({ 'a.txt': 'a\n' });
    fixture.git('checkout', '-q', '-b', 'side');
    fixture.commit({ 'b.txt': 'b\n' });
    fixture.commit({ 'b.txt': 'b\nc\n' });
    fixture.git('checkout', '-q', 'main');
    fixture.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    const repository = await open();
    const [merge, root, ...rest] = await repository.commits({ max: 9 });
    assert.deepEqual([merge?.timeMs, merge?.firstParent, root?.id, rest], [4_000_000, first, first, []]);
    assert.deepEqual(await told(repository, merge), ['b.txt:1 b|c']);
  }));

test('added lines of a commit, also of the first one', () =>
  withRepository(async (fixture, open) => {
    fixture.commit({ 'a.txt': 'one\ntwo\n' });
    fixture.commit({ 'a.txt': 'one\nnew\ntwo\n', 'bin.dat': new Uint8Array([0, 1, 2]) });
    const repository = await open();
    const [second, first] = await repository.commits({ max: 9 });
    assert.deepEqual(await told(repository, first), ['a.txt:1 one|two']);
    assert.deepEqual(await told(repository, second), ['a.txt:2 new']);
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

test('a commit that adds more than it may has no files, and one file too large is left out', () =>
  withRepository(async (fixture, open) => {
    fixture.commit({ 'a.txt': 'line\n'.repeat(5000), 'b.txt': 'b\n' });
    const repository = await open();
    const [commit] = await repository.commits({ max: 1 });
    assert(commit !== undefined);
    const small = await repository.changeOf(commit, { maxFileChars: 1000 });
    assert.deepEqual(
      [small.files.map((file) => file.path), small.leftOut, small.lack],
      [...[['b.txt'], [{ path: 'a.txt', reason: 'tooLarge' }]], undefined],
    );
    fixture.commit({ 'c.txt': 'line\n'.repeat(60), 'd.txt': 'line\n'.repeat(60) });
    const [next] = await repository.commits({ max: 1 });
    assert(next !== undefined);
    assert.deepEqual(await repository.changeOf(next, { maxChars: 400 }), {
      ...{ files: [], leftOut: [], lack: 'tooLarge' },
    });
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

for (const [url, expected] of [
  ['git@Example.org:team/thing.git', 'example.org/team/thing'],
  ['ssh://git@example.org:22/team/thing.git', 'example.org/team/thing'],
  ['https://user:secret@example.org/team/thing/', 'example.org/team/thing'],
  ['/srv/git/thing.git', 'srv/git/thing'],
] as const) {
  test(`the remote ${url.replace('secret', '...')}`, () => assert.equal(normaliseRemote(url), expected));
}
