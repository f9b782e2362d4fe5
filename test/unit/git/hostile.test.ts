/** Repositories and settings that others have: what Idiom reads stays the same, or it says what is in the way. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { describeMissing } from '../../../server/git/describeMissing.ts';
import { openRepository } from '../../../server/git/repository.ts';
import type { Repository } from '../../../server/git/repository.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

const fixture = createGitFixture();
const other = createGitFixture();
const folder = temporaryFolder();
after(() => {
  fixture.dispose();
  other.dispose();
  rmSync(folder, { recursive: true });
});
fixture.commit({ 'src/a.txt': 'one\ntwo\n', 'b.txt': 'b\n' });
fixture.git('checkout', '-q', '-b', 'side');
fixture.commit({ 'src/a.txt': 'one\ninserted\ntwo\n', 'ä c.txt': 'c\n' });
fixture.git('checkout', '-q', 'main');
fixture.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
other.commit({ 'other.txt': 'other\n' });
const plainConfig = execFileSync('cat', [join(fixture.root, '.git', 'config')]).toString();

async function open(root = fixture.root): Promise<Repository> {
  const repository = await openRepository(root);
  assert(repository !== undefined);
  return repository;
}

/** All that is read of a repository's history. */
async function readAll(repository: Repository): Promise<unknown> {
  const commits = await repository.commits({ max: 9 });
  const changes = [];
  for (const commit of commits) changes.push(await repository.changeOf(commit));
  return {
    head: await repository.head(),
    commits,
    changes,
    tree: await repository.listTree(commits[0]?.id ?? ''),
  };
}

const expected = await readAll(await open());

for (const name of ['packed-refs', 'shallow', join('refs', 'heads', 'main')]) {
  test(`a pipe in place of .git/${name} is waited for once, and told`, { timeout: 30_000 }, async () => {
    const root = join(folder, `pipe-${name.length}`);
    cpSync(fixture.root, root, { recursive: true });
    rmSync(join(root, '.git', name), { force: true });
    execFileSync('mkfifo', [join(root, '.git', name)]);
    await assert.rejects(openRepository(root, { timeLimitMs: 500 }), /took longer than 0.5 seconds/);
  });
}
test('what is read of the history', async () => {
  const repository = await open();
  const [merge] = await repository.commits({ max: 1 });
  assert(merge !== undefined);
  assert.deepEqual((await repository.changeOf(merge)).files, [
    { path: 'src/a.txt', blocks: [{ startLine: 2, lines: ['inserted'] }] },
    { path: 'ä c.txt', blocks: [{ startLine: 1, lines: ['c'] }] },
  ]);
});

async function withEnvironment(values: Readonly<Record<string, string>>, body: () => Promise<void>) {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  try {
    await body();
  } finally {
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  }
}

const settings = `
[diff]\nnoprefix = true\nmnemonicPrefix = true\nsrcPrefix = x/\ndstPrefix = y/\nalgorithm = patience\ncontext = 5
interHunkContext = 9\nrenames = copies\norderFile = ${join(folder, 'order')}\nsubmodule = log\nrelative = true
wsErrorHighlight = all\nindentHeuristic = false\ncolorMoved = zebra\nsuppressBlankEmpty = true
[color]\nui = always\ndiff = always\n[core]\nquotePath = true\nabbrev = 4\nbigFileThreshold = 1\npager = less
attributesFile = ${join(folder, 'attributes')}\n[log]\nshowSignature = true\ndate = relative\nfollow = true
mailmap = true\nshowRoot = false\n[i18n]\nlogOutputEncoding = latin1\ncommitEncoding = latin1
[format]\npretty = oneline\n`;
writeFileSync(join(folder, 'order'), 'b.txt\nsrc\n');
writeFileSync(join(folder, 'attributes'), '* -diff\n');
writeFileSync(join(folder, 'settings'), settings);

test("a user's settings change nothing", () =>
  withEnvironment(
    { GIT_CONFIG_GLOBAL: join(folder, 'settings'), GIT_CONFIG_SYSTEM: join(folder, 'settings') },
    async () => {
      assert.deepEqual(await readAll(await open()), expected);
    },
  ));

test('those in the home folder change nothing', async () => {
  writeFileSync(join(folder, '.gitconfig'), settings);
  await withEnvironment({ HOME: folder }, async () =>
    assert.deepEqual(await readAll(await open()), expected),
  );
});

test("a repository's settings and replacements change nothing", async () => {
  writeFileSync(join(fixture.root, '.git', 'config'), plainConfig + settings);
  fixture.git('replace', 'HEAD^1', fixture.git('commit-tree', '-m', 'x', 'HEAD^{tree}'));
  assert.deepEqual(await readAll(await open()), expected);
  fixture.git('replace', '-d', fixture.git('rev-parse', 'HEAD^1'));
  writeFileSync(join(fixture.root, '.git', 'config'), plainConfig);
});

if (process.platform !== 'win32')
  test('what lies in the working tree today says nothing of the past, and a pipe there holds nothing up', async () => {
    const attributes = join(fixture.root, '.gitattributes');
    writeFileSync(attributes, '* -diff\n');
    assert.deepEqual(await readAll(await open()), expected);
    rmSync(attributes);
    execFileSync('mkfifo', [attributes]);
    assert.deepEqual(await readAll(await open()), expected);
    rmSync(attributes);
  });

const local = execFileSync('git', ['rev-parse', '--local-env-vars']).toString().trim().split('\n');
test('no variable leads to another repository', () =>
  withEnvironment(
    {
      ...Object.fromEntries(local.map((name) => [name, join(other.root, '.git')])),
      ...{
        GIT_DIFF_OPTS: '-u9',
        GIT_LITERAL_PATHSPECS: '1',
        GIT_EXEC_PATH: folder,
        GIT_DEFAULT_HASH: 'sha256',
      },
      ...{ GIT_OBJECT_DIRECTORY: join(other.root, '.git', 'objects'), GIT_CONFIG_COUNT: 'x' },
    },
    async () => {
      assert(local.length > 10);
      assert.deepEqual(await readAll(await open()), expected);
    },
  ));

test('a partial clone is read as far as it is here, grows by nothing, and says what to do', async () => {
  const clone = join(folder, 'partial');
  fixture.git('config', 'uploadpack.allowFilter', 'true');
  execFileSync('git', ['clone', '-q', '--no-local', '--filter=blob:none', `file://${fixture.root}`, clone]);
  const packs = () => readdirSync(join(clone, '.git', 'objects', 'pack')).sort();
  const before = packs();
  const repository = await open(clone);
  const [merge, first] = await repository.commits({ max: 9 });
  assert(merge !== undefined && first !== undefined);
  // The checkout fetched what is in the newest tree; what src/a.txt was before is not there.
  assert.deepEqual(await repository.changeOf(merge), {
    files: [{ path: 'ä c.txt', blocks: [{ startLine: 1, lines: ['c'] }] }],
    leftOut: [{ path: 'src/a.txt', reason: 'missing' }],
    lack: undefined,
  });
  const tree = await repository.listTree(first.id);
  assert.deepEqual(
    tree.map((file) => [file.path, file.isMissing === true]),
    [
      ['b.txt', false],
      ['src/a.txt', true],
    ],
  );
  assert.deepEqual((await repository.filesAt(first.id, ['src/a.txt', 'b.txt'])).map(String), [
    'undefined',
    'b\n',
  ]);
  assert.deepEqual(packs(), before);
  const missing = await describeMissing(repository, 29);
  assert.match(
    missing?.problem ?? '',
    /contents of 29 commits are not on this machine, because the clone is partial/,
  );
  const command = /`git (fetch.*)`/.exec(missing?.remedy ?? '')?.[1]?.split(' ') ?? [];
  execFileSync('git', ['-C', clone, ...command], { stdio: 'ignore' });
  assert.deepEqual(await readAll(repository), expected);
});

test('contents that are lost without a clone being partial have another remedy', async () => {
  assert.match((await describeMissing(await open(), 1))?.remedy ?? '', /git fsck/);
  assert.equal(await describeMissing(await open(), 0), undefined);
});

test('history ends at a commit that is lost', async () => {
  const lost = createGitFixture();
  try {
    const ids = [1, 2, 3, 4].map((n) => lost.commit({ 'a.txt': `${n}\n` }));
    const id = ids[1] ?? '';
    rmSync(join(lost.root, '.git', 'objects', id.slice(0, 2), id.slice(2)));
    const commits = await (await open(lost.root)).commits({ max: 9 });
    assert.deepEqual(
      commits.map((commit) => commit.id),
      [ids[3]],
    );
    const last = { id: ids[2] ?? '', firstParent: id };
    assert.equal((await (await open(lost.root)).changeOf(last)).lack, 'missing');
  } finally {
    lost.dispose();
  }
});

/** @param prepare what is wrong with the repository in the folder. */
function checkRefused(
  name: string,
  prepare: (root: string) => Record<string, string>,
  sentence: RegExp,
): void {
  test(name, async () => {
    const refused = createGitFixture();
    try {
      refused.commit({ 'a.txt': 'a\n' });
      await withEnvironment(prepare(refused.root), () =>
        assert.rejects(openRepository(refused.root), (error: Error & { sentence?: string }) => {
          assert.match(error.sentence ?? '', sentence);
          return true;
        }),
      );
    } finally {
      refused.dispose();
    }
  });
}
checkRefused(
  "another owner's repository",
  () => ({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }),
  /belongs to another user\. If you trust it, run: git config --global --add safe\.directory \//,
);
checkRefused(
  'a configuration that is broken',
  (root) => (writeFileSync(join(root, '.git', 'config'), '[core\n'), {}),
  /can't read the repository in .*: bad config line 1/,
);
checkRefused(
  'a repository of a format that git does not know',
  (root) => (writeFileSync(join(root, '.git', 'config'), '[core]\nrepositoryFormatVersion = 99\n'), {}),
  /can't read the repository in .*99/,
);
checkRefused(
  'a .git file that leads nowhere',
  (root) => {
    rmSync(join(root, '.git'), { recursive: true });
    writeFileSync(join(root, '.git'), 'gitdir: /none\n');
    return {};
  },
  /can't read the repository in .*: not a git repository: \/none/,
);
checkRefused(
  'a git that is too old',
  () => {
    const old = join(folder, 'git');
    writeFileSync(old, '#!/bin/sh\necho git version 2.17.1\n');
    chmodSync(old, 0o755);
    return { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  },
  /git is git 2\.17\.1, and Idiom needs 2\.30 or newer\. Install a newer git/,
);
checkRefused('no git at all', () => ({ PATH: '/none' }), /The program git was not found\. Install git/);

test('a repository that is trusted in spite of its owner is read', () =>
  withEnvironment({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', HOME: folder }, async () => {
    writeFileSync(join(folder, '.gitconfig'), '[safe]\ndirectory = *\n');
    assert.deepEqual(await readAll(await open()), expected);
  }));

test('what is no repository is none, whatever it looks like', async () => {
  assert.equal(await openRepository(join(fixture.root, '.git')), undefined);
  execFileSync('git', ['init', '-q', '--bare', join(folder, 'bare')]);
  assert.equal(await openRepository(join(folder, 'bare')), undefined);
  assert(existsSync(join(folder, 'bare', 'HEAD')));
});
