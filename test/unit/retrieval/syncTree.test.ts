/** The index against real folders: what is stored, forgotten, left out, and how it recovers. */

import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import { indexFile } from '../../../server/retrieval/indexFile.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndex, openIndexForReading } from '../../../server/retrieval/indexSchema.ts';
import { createIndexWriter, liveView } from '../../../server/retrieval/indexWriter.ts';
import { syncTree } from '../../../server/retrieval/syncTree.ts';
import { tidyIndex } from '../../../server/retrieval/tidyIndex.ts';
import { openDatabase } from '../../../server/store/database.ts';

const never = new AbortController().signal;

/** A folder with an index beside it; `run` gets helpers and everything is removed afterwards. */
async function withTree(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: (tree: ReturnType<typeof openTree>) => Promise<void> | void,
) {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-sync-'));
  const tree = openTree(folder);
  try {
    for (const [path, content] of Object.entries(files)) tree.write(path, content);
    await run(tree);
  } finally {
    tree.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function openTree(folder: string) {
  const root = join(folder, 'tree');
  const indexPath = join(folder, 'index.sqlite');
  mkdirSync(root);
  let { db } = openIndex(indexPath);
  let nWrites = 0;
  const context = async () => ({
    root,
    writer: createIndexWriter(db),
    rules: await openIgnoreRules({ root, settingGlobs: [] }),
    syntax: undefined,
    nowMs: () => 9e12,
  });
  return {
    root,
    indexPath,
    write(path: string, content: string | Uint8Array) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      const seconds = 1000 + ++nWrites;
      utimesSync(join(root, path), seconds, seconds);
    },
    sync: async (signal = never) => syncTree(await context(), {}, signal),
    update: async (path: string) =>
      indexFile(await context(), path, createIndexWriter(db).entryAt(liveView, path)),
    tidy: () => tidyIndex(createIndexWriter(db), 1000, 1),
    /** Paths whose text has the term. */
    having(term: string): string {
      const reader = createIndexReader(db);
      const ids = reader.postings(term, 1000) ?? [];
      return [...new Set(ids.flatMap((id) => reader.chunk(id)?.path ?? []))].sort().join(' ');
    },
    reasons: () =>
      db
        .all<{ folder: string; name: string; reason: string }>(
          'SELECT folder, name, reason FROM entries WHERE reason IS NOT NULL ORDER BY folder, name',
        )
        .map(({ folder: f, name, reason }) => `${f === '' ? '' : `${f}/`}${name} ${reason}`)
        .join(', '),
    nContents: () => db.get<{ n: number }>('SELECT count(*) AS n FROM contents')?.n,
    reopen(damage: () => void) {
      db.dispose();
      damage();
      const opened = openIndex(indexPath);
      db = opened.db;
      return opened.rebuiltBecause;
    },
    close: () => db.dispose(),
  };
}

test('files are found, changed, moved and forgotten', () =>
  withTree({ 'a.ts': 'const alpha = 1;\n', 'src/b.ts': 'const beta = alpha;\n' }, async (tree) => {
    assert.deepEqual((await tree.sync()).nChangedFiles, 2);
    assert.equal(tree.having('alpha'), 'a.ts src/b.ts');
    assert.equal((await tree.sync()).nChangedFiles, 0);

    tree.write('a.ts', 'const gamma = 1;\n');
    assert.equal((await tree.sync()).nChangedFiles, 1);
    assert.equal(tree.having('alpha'), 'src/b.ts');
    assert.equal(tree.having('gamma'), 'a.ts');

    renameSync(join(tree.root, 'src'), join(tree.root, 'lib'));
    await tree.sync();
    assert.equal(tree.having('beta'), 'lib/b.ts');
    rmSync(join(tree.root, 'lib'), { recursive: true });
    await tree.sync();
    assert.equal(tree.having('beta'), '');
  }));

test('a single file is brought up to date without a walk', () =>
  withTree({ 'a.ts': 'const alpha = 1;\n' }, async (tree) => {
    await tree.sync();
    tree.write('new.ts', 'const fresh = 1;\n');
    assert.equal(await tree.update('new.ts'), true);
    assert.equal(await tree.update('new.ts'), false);
    assert.equal(tree.having('fresh'), 'new.ts');
    rmSync(join(tree.root, 'new.ts'));
    assert.equal(await tree.update('new.ts'), true);
    assert.equal(tree.having('fresh'), '');
  }));

test('what is left out has a reason', () =>
  withTree(
    {
      '.gitignore': 'out/\n*.log\n',
      'out/x.ts': 'const hidden = 1;',
      'a.log': 'hidden',
      '.env': 'HIDDEN=1',
      'node_modules/p/index.js': 'hidden()',
      'image.png': Uint8Array.from([137, 80, 0, 0]),
      'nested/.git/HEAD': 'ref: x',
      'nested/x.ts': 'const hidden = 1;',
      'worktree/.git': 'gitdir: /elsewhere/.git/worktrees/w\n',
      'worktree/x.ts': 'const hidden = 1;',
      'module/.git': 'gitdir: ../.git/modules/module\n',
      'module/x.ts': 'const visible = 1;',
    },
    async (tree) => {
      await tree.sync();
      assert.equal(tree.having('hidden'), '');
      assert.equal(tree.having('visible'), 'module/x.ts');
      assert.equal(
        tree.reasons(),
        '.env secret, a.log gitignore, image.png binary, nested/ versionControl, node_modules/ vendored, ' +
          'out/ gitignore, worktree/ versionControl, module/.git versionControl',
      );
    },
  ));

test('symbolic links are not followed, so loops end', () =>
  withTree({ 'src/a.ts': 'const alpha = 1;\n' }, async (tree) => {
    symlinkSync('..', join(tree.root, 'src/loop'));
    symlinkSync('a.ts', join(tree.root, 'src/link.ts'));
    symlinkSync('nowhere', join(tree.root, 'dangling.ts'));
    await tree.sync();
    assert.equal(tree.having('alpha'), 'src/a.ts');
    assert.equal(tree.reasons(), 'dangling.ts notAFile, src/link.ts notAFile, src/loop notAFile');
  }));

test('names with line breaks are indexed, names that are no UTF-8 are told', () =>
  withTree({ 'odd\nname.ts': 'const alpha = 1;\n' }, async (tree) => {
    let isPossible = true;
    try {
      writeFileSync(
        Buffer.concat([Buffer.from(`${tree.root}/bad`), Buffer.from([0xff]), Buffer.from('.ts')]),
        'x',
      );
    } catch {
      isPossible = false;
    }
    const { nUnreadable } = await tree.sync();
    assert.equal(tree.having('alpha'), 'odd\nname.ts');
    assert.equal(nUnreadable, isPossible ? 1 : 0);
  }));

test('an ended walk keeps what it has, and the next one goes on', () =>
  withTree(
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}.ts`, `const common = ${i};\n`])),
    async (tree) => {
      const controller = new AbortController();
      const walk = tree.sync(controller.signal);
      queueMicrotask(() => controller.abort());
      await assert.rejects(walk, { name: 'AbortError' });
      const { nChangedFiles } = await tree.sync();
      assert.equal(tree.having('common').split(' ').length, 100);
      assert.ok(nChangedFiles <= 100);
    },
  ));

test('equal contents are stored once, unused ones are removed', () =>
  withTree({ 'a.ts': 'const same = 1;\n', 'b.ts': 'const same = 1;\n' }, async (tree) => {
    await tree.sync();
    assert.equal(tree.nContents(), 1);
    tree.write('a.ts', 'const other = 1;\n');
    tree.write('b.ts', 'const other = 1;\n');
    await tree.sync();
    assert.equal(tree.nContents(), 2);
    tree.tidy();
    assert.equal(tree.nContents(), 1);
    assert.equal(tree.having('other'), 'a.ts');
  }));

test('an index that is broken, of another version, or no database is made again', () =>
  withTree({ 'a.ts': 'const alpha = 1;\n' }, async (tree) => {
    const damages: (() => void)[] = [
      () =>
        writeFileSync(tree.indexPath, 'no database at all, but long enough to look like a file of something'),
      () => writeFileSync(tree.indexPath, ''),
      () => {
        const { db } = openIndex(tree.indexPath);
        db.run("UPDATE meta SET value = -1 WHERE key = 'version'");
        db.dispose();
      },
    ];
    for (const damage of damages) {
      await tree.sync();
      assert.equal(tree.having('alpha'), 'a.ts');
      tree.reopen(damage);
      assert.equal(tree.having('alpha'), '');
    }
    assert.equal(
      tree.reopen(() => undefined),
      undefined,
    );
  }));

test('an empty index that another process is about to fill is not taken from it', () =>
  withTree({}, (tree) => {
    const path = join(tree.root, 'new.sqlite');
    const other = openDatabase({ path });
    const { ino } = statSync(path);
    const { db, rebuiltBecause } = openIndex(path);
    assert.deepEqual([statSync(path).ino, rebuiltBecause], [ino, undefined]);
    const again = openIndex(path);
    assert.equal(again.rebuiltBecause, undefined);
    for (const each of [other, db, again.db]) each.dispose();
  }));

test('a reader opens only an index of its version', () =>
  withTree({}, (tree) => {
    const reader = openIndexForReading(tree.indexPath);
    assert.ok(reader !== undefined);
    reader.dispose();
    assert.equal(openIndexForReading(join(tree.root, 'none.sqlite')), undefined);
  }));
