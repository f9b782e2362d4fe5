/** What was recorded stays in reach whatever ordinary work does to a repository, and no other repository gets it. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { openRepository } from '../../../server/git/repository.ts';
import { sightFolder, sightRepository } from '../../../server/git/sighting.ts';
import { identify, recognise } from '../../../server/registry/identifyRepository.ts';
import { openGround } from '../../../server/store/ground.ts';
import type { Ground } from '../../../server/store/ground.ts';
import { hasSignals } from '../../../server/store/signalRecords.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

interface World {
  readonly ground: Ground;
  /** Runs git in a folder of the world, by its name. */
  git(name: string, ...args: string[]): void;
  /** `git init` and a commit; equal `seed`s make equal root commits. */
  init(name: string, seed?: string): void;
  path(name: string): string;
  /** The id under which a folder is known now. */
  id(name: string): Promise<string>;
  untrustedId(name: string): Promise<string | undefined>;
  /** Records a suggestion under an id, as for a file of that folder. */
  record(repoId: string, name: string): void;
  reaches(repoId: string, path: string): boolean;
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const home = temporaryFolder();
  const { ground } = openGround(':memory:', { nowMs: () => 0 });
  const path = (name: string) => join(home, name);
  const environment = {
    ...process.env,
    ...{ GIT_AUTHOR_NAME: 'T', GIT_AUTHOR_EMAIL: 't@example.org', GIT_AUTHOR_DATE: '@1000 +0000' },
    ...{ GIT_COMMITTER_NAME: 'T', GIT_COMMITTER_EMAIL: 't@example.org', GIT_COMMITTER_DATE: '@1000 +0000' },
    ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  };
  let nRecords = 0;
  const sight = async (name: string) => {
    const repository = await openRepository(path(name));
    return repository === undefined ? sightFolder(path(name)) : sightRepository(repository);
  };
  const world: World = {
    ground,
    path,
    git: (name, ...args) =>
      void execFileSync('git', args, { cwd: path(name), env: environment, stdio: 'pipe' }),
    init(name, seed = name) {
      mkdirSync(path(name), { recursive: true });
      world.git(name, 'init', '-q', '-b', 'main');
      world.git(name, 'commit', '-q', '--allow-empty', '-m', seed);
    },
    id: async (name) => identify(ground, await sight(name), 5),
    untrustedId: async (name) => recognise(ground, await sight(name)),
    record(repoId, name) {
      const uri = pathToFileURL(join(path(name), 'a.py')).href;
      ground.suggestions.add({
        ...{ id: String(nRecords++), repoId, uri, path: name, languageId: 'python', offset: 0 },
        ...{ atMs: 1, prefix: 'p', suffix: '', text: 't', isMultiline: false, adapter: 'base' },
        ...{ baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] },
      });
    },
    reaches: (repoId, within) => hasSignals(ground.db, { repoId, within }),
  };
  try {
    await body(world);
  } finally {
    ground.dispose();
    rmSync(home, { recursive: true, force: true });
  }
}

const remote = 'https://example.org/team/r.git';
const addRemote = ({ git }: World) => git('r', 'remote', 'add', 'origin', remote);

/** `change` leaves the repository or folder `r`, which may lie elsewhere then, what it was. */
function checkSame(
  name: string,
  change: (world: World) => void | string,
  begin: (world: World) => void = ({ init }) => init('r'),
): void {
  test(`the same after: ${name}`, () =>
    inWorld(async (world) => {
      begin(world);
      const before = await world.id('r');
      assert.equal(await world.id('r'), before);
      const place = change(world) ?? 'r';
      assert.equal(await world.id(place), before);
      assert.equal(await world.id(place), before);
    }));
}

const withRemote = (world: World) => {
  world.init('r');
  addRemote(world);
};

checkSame('a remote is added', addRemote);
checkSame('its remote is removed', ({ git }) => git('r', 'remote', 'remove', 'origin'), withRemote);
checkSame('its remote is renamed', ({ git }) => git('r', 'remote', 'rename', 'origin', 'up'), withRemote);
checkSame(
  'its remote moves to another host',
  ({ git }) => git('r', 'remote', 'set-url', 'origin', 'git@elsewhere.org:new/name.git'),
  withRemote,
);
checkSame(
  'the first commit',
  ({ git }) => git('r', 'commit', '-q', '--allow-empty', '-m', 'first'),
  ({ path, git }) => {
    mkdirSync(path('r'));
    git('r', 'init', '-q');
  },
);
checkSame(
  'git comes to a folder, with a commit and a remote',
  (world) => withRemote(world),
  ({ path }) => mkdirSync(path('r')),
);
checkSame('git is removed', ({ path }) => rmSync(join(path('r'), '.git'), { recursive: true }), withRemote);
checkSame('git is removed and made anew', (world) => {
  rmSync(join(world.path('r'), '.git'), { recursive: true });
  world.init('r', 'another');
});
checkSame('an orphan branch', ({ git }) => {
  git('r', 'checkout', '-q', '--orphan', 'pages');
  git('r', 'commit', '-q', '--allow-empty', '-m', 'pages');
});
checkSame('a history that was grafted', ({ git }) => {
  git('r', 'commit', '-q', '--allow-empty', '-m', 'second');
  git('r', 'replace', '--graft', 'HEAD');
});
checkSame('its folder moved', ({ path }) => (renameSync(path('r'), path('moved')), 'moved'));
checkSame(
  'a folder without git moved',
  ({ path }) => (renameSync(path('r'), path('moved')), 'moved'),
  ({ path }) => mkdirSync(path('r')),
);
checkSame('a worktree of it', ({ git, path }) => {
  git('r', 'worktree', 'add', '-q', path('tree'));
  addRemote({ git } as World);
  return 'tree';
});
checkSame('a clone of it', ({ git, path }) => {
  addRemote({ git } as World);
  git('.', 'clone', '-q', path('r'), 'clone');
  git('clone', 'remote', 'set-url', 'origin', remote);
  return 'r';
});
checkSame(
  'a copy of it',
  ({ path }) => (cpSync(path('r'), path('copy'), { recursive: true }), 'copy'),
  withRemote,
);

test('a clone shares what was recorded before the remote was added', () =>
  inWorld(async (world) => {
    world.init('r');
    const id = await world.id('r');
    addRemote(world);
    await world.id('r');
    world.git('.', 'clone', '-q', world.path('r'), 'clone');
    world.git('clone', 'remote', 'set-url', 'origin', 'git@example.org:team/r.git');
    assert.equal(await world.id('clone'), id);
  }));

test('two that turn out to be one are linked, and both records are in reach', () =>
  inWorld(async (world) => {
    world.init('r', 'seed');
    world.init('other', 'seed');
    addRemote(world);
    world.git('other', 'remote', 'add', 'origin', 'https://example.org/fork.git');
    const [one, two] = [await world.id('r'), await world.id('other')];
    assert.notEqual(one, two);
    world.record(one, 'r');
    world.record(two, 'other');
    world.git('other', 'remote', 'set-url', 'origin', remote);
    const both = await world.id('other');
    assert.equal(await world.id('r'), both);
    for (const name of ['r', 'other']) assert(world.reaches(both, name), name);
  }));

/** `begin` makes two folders, `r` and `other`, that are not one repository. */
function checkApart(name: string, begin: (world: World) => void | Promise<void>): void {
  test(`apart: ${name}`, () =>
    inWorld(async (world) => {
      await begin(world);
      assert.notEqual(await world.id('r'), await world.id('other'));
    }));
}

const twoOfATemplate = ({ init }: World) => {
  init('r', 'template');
  init('other', 'template');
};
const anotherRemote = ({ git }: World) =>
  git('other', 'remote', 'add', 'origin', 'https://example.org/o.git');

checkApart('copies of a template with remotes of their own', (world) => {
  twoOfATemplate(world);
  addRemote(world);
  anotherRemote(world);
});
checkApart('copies of a template that get remotes one after the other', async (world) => {
  twoOfATemplate(world);
  assert.equal(await world.id('r'), await world.id('other'));
  addRemote(world);
  await world.id('r');
  await world.id('other');
  anotherRemote(world);
});
checkApart('another cloned to where one was deleted', async (world) => {
  withRemote(world);
  await world.id('r');
  renameSync(world.path('r'), world.path('other'));
  world.init('r', 'new');
});
checkApart('another put into the same folder', async (world) => {
  withRemote(world);
  await world.id('r');
  renameSync(join(world.path('r'), '.git'), join(world.path('.'), 'git'));
  world.init('r', 'new');
  world.git('r', 'remote', 'add', 'origin', 'https://example.org/new.git');
  mkdirSync(world.path('other'));
  renameSync(join(world.path('.'), 'git'), join(world.path('other'), '.git'));
});

test('what was recorded before ids were remembered is found again, if it was recorded here', () =>
  inWorld(async (world) => {
    twoOfATemplate(world);
    const sighting = await openRepository(world.path('r'));
    world.record(sighting?.repoId ?? '', 'r');
    addRemote(world);
    anotherRemote(world);
    assert(world.reaches(await world.id('r'), 'r'));
    assert(!world.reaches(await world.id('other'), 'r'));
  }));

test('one in an untrusted workspace is known by its place alone', () =>
  inWorld(async (world) => {
    withRemote(world);
    const id = await world.id('r');
    cpSync(world.path('r'), world.path('claims'), { recursive: true });
    assert.equal(await world.untrustedId('claims'), undefined);
    assert.equal(await world.untrustedId('r'), id);
    assert.equal(world.ground.db.all('SELECT 1 FROM repositoryKeys').length, 3);
  }));

test('a sighting like the one before writes nothing', () =>
  inWorld(async (world) => {
    withRemote(world);
    writeFileSync(join(world.path('r'), 'a.py'), '');
    await world.id('r');
    const changes = () => world.ground.db.get('SELECT total_changes() AS n')?.['n'];
    const before = changes();
    await world.id('r');
    assert.equal(changes(), before);
  }));
