/** Which home and path a document has. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fileOf, WorkspaceFolders } from '../../../server/lsp/workspaceFolders.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

for (const [uri, expected] of [
  ['file:///a/b%20c.ts', '/a/b c.ts'],
  ['vscode-notebook-cell:///a/n.ipynb#X1', '/a/n.ipynb'],
  ['vscode-notebook-cell:/a/n%20m.ipynb#W0sZmlsZQ%3D%3D', '/a/n m.ipynb'],
  ['vscode-notebook-cell:///a/n.ipynb#X31sZmlsZQ%3D%3D', '/a/n.ipynb'],
  ['vscode-notebook-cell://ssh-remote%2Bhost/a/n.ipynb#W0sdnNjb2RlLXJlbW90ZQ%3D%3D', '/a/n.ipynb'],
  ['vscode-notebook-cell:Untitled-1.ipynb#W0sdW50aXRsZWQ%3D', undefined],
  ['vscode-notebook-cell:/a/n.ipynb#W0sdW50aXRsZWQ%3D', undefined],
  ['vscode-notebook-cell://github/a/n.ipynb#W0sdnNjb2RlLXZmcw%3D%3D', undefined],
  ['vscode-notebook-cell:/a/n.ipynb?ref#W0sZ2l0', undefined],
  ['vscode-notebook-cell:/a/%ZZ', undefined],
  ['untitled:Untitled-1', undefined],
  ['file:///a/%ZZ', undefined],
  ['vscode-remote://ssh/a.ts', undefined],
] as const) {
  test(`the file of ${uri}`, () => assert.equal(fileOf(uri), expected));
}

test('a repository is the home of its files, those of new folders included, also through a link', async () => {
  const repository = createGitFixture();
  const outside = temporaryFolder();
  try {
    repository.commit({ 'src/a.ts': '' });
    symlinkSync(repository.root, join(outside, 'link'));
    const folders = new WorkspaceFolders();
    const place = async (file: string) => folders.placeOf(pathToFileURL(file).href);
    const direct = await place(join(repository.root, 'src/a.ts'));
    assert.deepEqual([direct.path, direct.home.root], ['src/a.ts', repository.root]);
    const fresh = await place(join(repository.root, 'not/yet/there.ts'));
    assert.deepEqual([fresh.path, fresh.home.repoId], ['not/yet/there.ts', direct.home.repoId]);
    const linked = await place(join(outside, 'link', 'src/a.ts'));
    assert.deepEqual([linked.path, linked.home.repoId], ['src/a.ts', direct.home.repoId]);
    const freshLinked = await place(join(outside, 'link', 'not/yet.ts'));
    assert.deepEqual([freshLinked.path, freshLinked.home.repoId], ['not/yet.ts', direct.home.repoId]);
    symlinkSync('src', join(repository.root, 'shown'));
    symlinkSync('src/a.ts', join(repository.root, 'shown.ts'));
    symlinkSync(outside, join(repository.root, 'away.ts'));
    assert.equal((await place(join(repository.root, 'shown/a.ts'))).path, 'src/a.ts');
    assert.equal((await place(join(repository.root, 'shown.ts'))).path, 'src/a.ts');
    assert.equal((await place(join(repository.root, 'away.ts'))).path, 'away.ts');
  } finally {
    repository.dispose();
    rmSync(outside, { recursive: true });
  }
});

test('outside of git the workspace folder is the home, else the own folder', async () => {
  const root = temporaryFolder();
  try {
    mkdirSync(join(root, 'one', 'inner'), { recursive: true });
    mkdirSync(join(root, 'two'));
    const folders = new WorkspaceFolders();
    folders.setFolders([pathToFileURL(join(root, 'one')).href]);
    const inner = await folders.placeOf(pathToFileURL(join(root, 'one/inner/a.ts')).href);
    assert.deepEqual([inner.home.root, inner.path], [join(root, 'one'), 'inner/a.ts']);
    const other = await folders.placeOf(pathToFileURL(join(root, 'two/b.ts')).href);
    assert.deepEqual([other.home.root, other.path], [join(root, 'two'), 'b.ts']);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('an untitled document has a name and no file', async () => {
  const place = await new WorkspaceFolders().placeOf('untitled:Untitled-1');
  assert.deepEqual([place.path, place.file, place.home.root], ['Untitled-1', undefined, undefined]);
});

test('a home whose repository belongs to another user says so', async () => {
  const repository = createGitFixture();
  process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
  try {
    const { home } = await new WorkspaceFolders().placeOf(pathToFileURL(join(repository.root, 'a.ts')).href);
    assert.equal(home.gitDir, undefined);
    assert.match(home.refusal?.sentence ?? '', /belongs to another user.*safe\.directory/);
  } finally {
    delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
    repository.dispose();
  }
});
