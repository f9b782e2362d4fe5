/** Ignore files outside of the tree, as the user's and the clone's git have them. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import type { LiveIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';
import type { GitFixture } from '../../support/gitFixture.ts';

interface World {
  readonly home: string;
  readonly repository: GitFixture;
  /** Below the home folder. */
  write(path: string, text: string): void;
  rules(root?: string): Promise<LiveIgnoreRules>;
}

async function withWorld(run: (world: World) => Promise<void>): Promise<void> {
  const home = temporaryFolder();
  const repository = createGitFixture();
  const before = { ...process.env };
  Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: join(home, 'xdg') });
  delete process.env['GIT_CONFIG_GLOBAL'];
  try {
    await run({
      home,
      repository,
      write(path, text) {
        mkdirSync(dirname(join(home, path)), { recursive: true });
        writeFileSync(join(home, path), text);
      },
      rules: (root = repository.root) =>
        openIgnoreRules({ root, settingGlobs: [], isCaseSensitive: true, clock: calm }),
    });
  } finally {
    process.env = before;
    repository.dispose();
    rmSync(home, { recursive: true });
  }
}

/** Long before the files were written, so that none counts as one that may still change. */
const calm = { nowMs: () => 1000 };
const ruleOf = (rules: LiveIgnoreRules, path: string) => rules.explain(path).rule;

test("the user's ignore file counts, where git looks for it and where its settings say", () =>
  withWorld(async ({ home, write, rules }) => {
    const live = await rules();
    assert.equal(ruleOf(live, 'scratch/a.py'), undefined);

    write('xdg/git/ignore', 'scratch/\n');
    assert.equal(live.isCurrent('scratch/a.py'), false);
    live.invalidate();
    assert.equal(ruleOf(live, 'scratch/a.py'), `${home}/xdg/git/ignore: scratch/`);

    write('.gitconfig', '[include]\n\tpath = more.ini\n');
    write('more.ini', '[core]\n\texcludesFile = ~/mine\n');
    write('mine', 'drafts/\n');
    await live.refresh();
    assert.equal(ruleOf(live, 'drafts/a.py'), '~/mine: drafts/');
    assert.equal(ruleOf(live, 'scratch/a.py'), undefined);

    write('more.ini', '[core]\n\texcludesFile = ~/another-one\n');
    write('another-one', 'other/\n');
    await live.refresh();
    assert.equal(ruleOf(live, 'other/a.py'), '~/another-one: other/');
  }));

test("the clone's own settings add an ignore file and take none away", () =>
  withWorld(async ({ repository, write, rules, home }) => {
    write('xdg/git/ignore', 'scratch/\n');
    write('local', 'drafts/\n');
    repository.git('config', 'core.excludesFile', join(home, 'local'));
    const live = await rules();
    assert.equal(live.explain('scratch/a.py').isIgnored, true);
    assert.equal(live.explain('drafts/a.py').isIgnored, true);
  }));

test('.git/info/exclude counts in the clone, in its worktrees and in submodules', () =>
  withWorld(async ({ repository, rules, home }) => {
    repository.commit({ 'a.py': '' });
    repository.git('worktree', 'add', '-q', join(home, 'side'));
    const exclude = join(repository.root, '.git/info/exclude');
    writeFileSync(exclude, 'scratch/\n');
    for (const root of [repository.root, join(home, 'side')])
      assert.equal(ruleOf(await rules(root), 'scratch/a.py'), '.git/info/exclude: scratch/');
  }));

test('a byte-order mark costs no rule, whatever other rule files there are', () =>
  withWorld(async ({ repository, write, rules }) => {
    const texts = { '.gitignore': 'drafts/', '.idiomignore': 'secret/', '.git/info/exclude': 'other/' };
    for (const [path, text] of Object.entries(texts))
      writeFileSync(join(repository.root, path), `\ufeff${text}\n`);
    write('xdg/git/ignore', '\ufeffscratch/\n');
    const live = await rules();
    for (const folder of ['drafts', 'secret', 'other', 'scratch'])
      assert.equal(live.explain(`${folder}/a.py`).isIgnored, true, folder);
  }));

for (const file of ['.gitignore', 'src/.gitignore', 'src/.idiomignore', '.git/info/exclude']) {
  test(`${file} is noticed when it is made, changed with the same size, and deleted`, () =>
    withWorld(async ({ repository, rules }) => {
      const path = join(repository.root, file);
      mkdirSync(join(repository.root, 'src'));
      rmSync(path, { force: true });
      const live = await rules();
      let nWrites = 0;
      const write = (text: string) => {
        writeFileSync(path, text);
        utimesSync(path, ++nWrites, nWrites);
      };
      const verdictAfter = (change: () => void): boolean => {
        change();
        assert.equal(live.isCurrent('src/a.py'), false);
        live.invalidate();
        return live.explain('src/a.py').isIgnored;
      };
      assert.equal(live.explain('src/a.py').isIgnored, false);
      assert.equal(live.isCurrent('src/a.py'), true);
      assert.equal(
        verdictAfter(() => write('a.py\n')),
        true,
      );
      assert.equal(
        verdictAfter(() => write('b.py\n')),
        false,
      );
      assert.equal(
        verdictAfter(() => write('a.py\n')),
        true,
      );
      assert.equal(
        verdictAfter(() => rmSync(path)),
        false,
      );
    }));
}

test('a file that may change again within its time stamp is read again', async () => {
  const repository = createGitFixture();
  try {
    const { root } = repository;
    writeFileSync(join(root, '.gitignore'), 'a.py\n');
    const rules = await openIgnoreRules({ root, settingGlobs: [], clock: { nowMs: () => Date.now() } });
    rules.explain('a.py');
    assert.equal(rules.isCurrent('a.py'), false);
  } finally {
    repository.dispose();
  }
});
