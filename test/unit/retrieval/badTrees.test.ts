/** Trees that are hard to index, with real files and real git: what can't be read, what changes meanwhile, trees within trees. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../../server/git/repository.ts';
import { indexOnce } from '../../../server/retrieval/indexOnce.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndexForReading } from '../../../server/retrieval/indexSchema.ts';
import type { IndexStatus } from '../../../server/retrieval/indexStatus.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

interface Tree {
  readonly root: string;
  write(path: string, content: string): void;
  /** Indexes `root`, or another folder; `meanwhile` runs after a file was looked at and before it is read. */
  index(options?: { readonly root?: string; readonly meanwhile?: () => void }): Promise<IndexStatus>;
  /** Paths that have the term, in the index that was written last. */
  having(term: string): string;
}

/** Long before the files were written, so that no file counts as one that may still change. */
const calmMs = 1000;

async function withTree(run: (tree: Tree) => Promise<void>, nowMs = calmMs): Promise<void> {
  const folder = temporaryFolder();
  const root = join(folder, 'tree');
  const indexPath = join(folder, 'index.sqlite');
  mkdirSync(root);
  try {
    await run({
      root,
      write(path, content) {
        mkdirSync(join(root, path, '..'), { recursive: true });
        writeFileSync(join(root, path), content);
      },
      index: ({ root: other = root, meanwhile } = {}) =>
        indexOnce({
          root: other,
          indexPath,
          settingGlobs: [],
          nowMs() {
            meanwhile?.();
            return nowMs;
          },
          onProgress: () => undefined,
          signal: new AbortController().signal,
        }),
      having: (term) => pathsHaving(indexPath, term),
    });
  } finally {
    // Node's own rmSync can't remove what lies deeper than the longest path.
    execFileSync('rm', ['-rf', folder]);
  }
}

function pathsHaving(indexPath: string, term: string): string {
  const db = openIndexForReading(indexPath);
  assert.ok(db !== undefined);
  try {
    const reader = createIndexReader(db);
    const ids = reader.postings(term, 1000) ?? [];
    return [...new Set(ids.flatMap((id) => reader.chunk(id)?.path ?? []))].sort().join(' ');
  } finally {
    db.dispose();
  }
}

/** Runs once, however often it is called. */
function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

test('a folder that the system refuses to read costs itself alone, and is counted', () =>
  withTree(async ({ root, write, index, having }) => {
    write('a.ts', 'const alpha = 1;\n');
    // Deeper than the longest path, which nobody can read, the superuser included.
    const name = 'd'.repeat(200);
    const home = process.cwd();
    try {
      process.chdir(root);
      for (let depth = 0; depth < 25; depth++) {
        mkdirSync(name);
        process.chdir(name);
        writeFileSync('deep.ts', `const deep = ${depth};\n`);
      }
    } finally {
      process.chdir(home);
    }
    const status = await index();
    assert.equal(having('alpha'), 'a.ts');
    assert.ok(status.nFiles > 15 && status.nFiles < 25, `${status.nFiles} files`);
    assert.ok((status.skipped['unreadable'] ?? 0) >= 1, JSON.stringify(status.skipped));
    assert.ok(status.completeAtMs !== undefined);
  }));

for (const [name, change, during, after] of [
  [
    'grows',
    (path: string) => writeFileSync(path, `const alpha = 1;\n${'const beta = 2;\n'.repeat(9)}`),
    undefined,
    'a.ts',
  ],
  ['is cut short', (path: string) => writeFileSync(path, 'beta'), undefined, 'a.ts'],
  ['is deleted', (path: string) => rmSync(path), { unreadable: 1 }, ''],
  ['becomes a link', (path: string) => (rmSync(path), symlinkSync('z.ts', path)), { unreadable: 1 }, ''],
  ['becomes a folder', (path: string) => (rmSync(path), mkdirSync(path)), { unreadable: 1 }, ''],
  ['becomes a pipe', (path: string) => (rmSync(path), execFileSync('mkfifo', [path])), { unreadable: 1 }, ''],
] as const) {
  test(`a file that ${name} between the look at it and the reading is right after the next walk`, () =>
    withTree(async ({ root, write, index, having }) => {
      write('a.ts', 'const alpha = 1;\n');
      write('z.ts', 'const last = 1;\n');
      const path = join(root, 'a.ts');
      const { skipped } = await index({ meanwhile: once(() => change(path)) });
      assert.deepEqual(skipped, during ?? {});
      assert.equal(having('last'), 'z.ts');
      await index();
      assert.equal(having('beta'), after);
      assert.equal(having('alpha').includes('a.ts'), name === 'grows');
    }));
}

test('a file that is written again in the moment of its time stamp, with the same size, is read again', () => {
  const writtenAtS = 5000;
  return withTree(
    async ({ root, write, index, having }) => {
      const path = join(root, 'a.ts');
      for (const word of ['alpha', 'gamma']) {
        write('a.ts', `const ${word} = 1;\n`);
        utimesSync(path, writtenAtS, writtenAtS);
        await index();
        assert.equal(having(word), 'a.ts');
      }
      assert.equal(having('alpha'), '');
      assert.equal(statSync(path).mtimeMs, writtenAtS * 1000);
    },
    writtenAtS * 1000 + 10,
  );
});

test('a real submodule belongs to the tree; a worktree and a clone inside do not, and are trees of their own', () =>
  withTree(async ({ index, having }) => {
    const [outer, inner] = [createGitFixture(), createGitFixture()];
    try {
      inner.commit({ 'lib.ts': 'const zebra = 1;\n' });
      outer.commit({ 'main.ts': 'const alpha = 1;\n' });
      outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.root, 'module');
      outer.git('worktree', 'add', '-q', 'side', '-b', 'side');
      outer.git('clone', '-q', inner.root, 'copy');
      symlinkSync('..', join(outer.root, 'module', 'loop'));
      await index({ root: outer.root });
      assert.equal(having('zebra'), 'module/lib.ts');
      assert.equal(having('alpha'), 'main.ts');

      const side = await openRepository(join(outer.root, 'side'));
      assert.equal(side?.root, join(outer.root, 'side'));
      assert.equal(side.repoId, (await openRepository(outer.root))?.repoId);
      await index({ root: side.root });
      assert.equal(having('alpha'), 'main.ts');
      assert.equal(having('zebra'), '');
    } finally {
      outer.dispose();
      inner.dispose();
    }
  }));

test('a repository without a commit, and one whose .git is broken, are indexed as they stand', () =>
  withTree(async ({ write, index, having }) => {
    const fixture = createGitFixture();
    try {
      writeFileSync(join(fixture.root, 'new.ts'), 'const fresh = 1;\n');
      await index({ root: fixture.root });
      assert.equal(having('fresh'), 'new.ts');
    } finally {
      fixture.dispose();
    }
    write('.git', 'gitdir: /nowhere\n');
    write('a.ts', 'const alpha = 1;\n');
    await index();
    assert.equal(having('alpha'), 'a.ts');
    assert.equal(having('fresh'), '');
  }));
