/** The repository as it was in a commit: nothing newer is seen, and contents are shared with the live tree. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../../server/git/repository.ts';
import { openIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndex } from '../../../server/retrieval/indexSchema.ts';
import { createIndexWriter } from '../../../server/retrieval/indexWriter.ts';
import { syncCommit } from '../../../server/retrieval/syncCommit.ts';
import { syncTree } from '../../../server/retrieval/syncTree.ts';
import { createGitSource } from '../../../server/retrieval/textSource.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

const never = new AbortController().signal;

test('a view of an old commit', async () => {
  const fixture = createGitFixture();
  const folder = temporaryFolder();
  const { db } = openIndex(join(folder, 'index.sqlite'));
  try {
    const old = fixture.commit({
      'kept.ts': 'const kept = 1;\n',
      'changed.ts': 'const before = 1;\n',
      'gone.ts': 'const gone = 1;\n',
      '.gitignore': '',
    });
    const middle = fixture.commit({ 'changed.ts': 'const between = 1;\n' });
    const newest = fixture.commit({
      'changed.ts': 'const after = 1;\n',
      'gone.ts': null,
      '.gitignore': 'kept.ts\n',
    });
    const repository = await openRepository(fixture.root);
    assert.ok(repository !== undefined);
    const writer = createIndexWriter(db);
    const shared = { writer, syntax: undefined, nowMs: () => 9e12 };
    const rules = await openIgnoreRules({ root: fixture.root, settingGlobs: [] });
    await syncTree({ ...shared, root: fixture.root, rules }, {}, never);
    const nBefore = db.get<{ n: number }>('SELECT count(*) AS n FROM contents')?.n;

    const context = { ...shared, repository, settingGlobs: [] };
    const view = await syncCommit(context, old, never);
    const reader = createIndexReader(db, view);
    const has = (term: string, of = reader) =>
      (of.postings(term, 100) ?? []).flatMap((id) => of.chunk(id)?.path ?? []).join(' ');
    assert.deepEqual(
      ['kept', 'before', 'gone', 'between', 'after'].map((term) => has(term)),
      ['kept.ts', 'changed.ts', 'gone.ts', '', ''],
    );
    const live = createIndexReader(db);
    assert.deepEqual(
      ['before', 'after', 'kept'].map((term) => has(term, live)),
      ['', 'changed.ts', '.gitignore'],
    );

    assert.equal(await syncCommit(context, old, never), view);
    assert.notEqual(await syncCommit(context, middle, never), view);
    const nAfter = db.get<{ n: number }>('SELECT count(*) AS n FROM contents')?.n;
    assert.equal(nAfter, (nBefore ?? 0) + 5, 'kept, before, gone, the empty rule file and between are new');

    const newestReader = createIndexReader(db, await syncCommit(context, newest, never));
    assert.equal(has('after', newestReader), 'changed.ts');
    assert.equal(has('kept', newestReader), '.gitignore', 'its own rule file excludes kept.ts');

    const texts = createGitSource(repository, reader);
    await texts.prepare(['changed.ts'], never);
    assert.deepEqual(texts.lines('changed.ts'), ['const before = 1;']);
    assert.equal(texts.lines('none.ts'), undefined);
  } finally {
    db.dispose();
    fixture.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
