/** Forgetting: what goes with what, what stays, what serves afterwards, and that a killed process is finished by the next. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { digestOf } from '../../../server/base/digest.ts';
import { frozenPath } from '../../../server/evaluation/frozenCases.ts';
import { countForgotten, forget, resumeForgetting } from '../../../server/learning/forget.ts';
import type { ForgetProps, Forgotten } from '../../../server/learning/forget.ts';
import type { ForgetScope } from '../../../server/learning/forgetScope.ts';
import type { Example } from '../../../server/training/dataset/example.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import { byGate, key, withRegistry } from '../registry/registryFixture.ts';
import type { Fixture } from '../registry/registryFixture.ts';

const dayMs = 86_400_000;
const nowMs = 1_800_000_000_000;
const { repoId } = key;

interface World {
  readonly fixture: Fixture;
  readonly props: ForgetProps;
  /** What of `datasets/` is left, by the paths of their examples. */
  datasets(): string[];
  /** Ids of suggestions that are left. */
  suggestions(): string[];
}

function exampleOf(text: string, i: number): Example {
  const [source = '', path = '', daysAgo = '0', snippet] = text.split(' ');
  const origin = { weight: 1, timeMs: nowMs - Number(daysAgo) * dayMs, commit: '', line: i + 1 };
  const snippets = snippet === undefined ? [] : [{ path: snippet, startLine: 1, endLine: 1, text: 'x' }];
  const around = { repoName: 'r', languageId: 'typescript', prefix: `p${i}`, prefixOffset: 0, suffix: '' };
  const parts = { ...around, path, snippets };
  return {
    kind: 'fillIn',
    source: source as Example['source'],
    path,
    ...origin,
    parts,
    middle: 'm',
    isCut: false,
  };
}

/** `examples`: `source path daysAgo snippet`. @returns its digest. */
function dataset(
  fixture: Fixture,
  examples: readonly string[],
  asked: readonly string[] = [],
  owner = repoId,
): string {
  const manifest = { manifest: { version: 1, repository: { name: 'r', repoId: owner } } };
  const evaluation = asked.map((path) => ({ case: { path }, snippets: [] }));
  const digest = digestOf(JSON.stringify([manifest, examples, asked]));
  // As storeDataset writes it, without waiting for the disk.
  const folder = join(fixture.root, 'datasets', digest);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const lines = (values: readonly unknown[]) => values.map((each) => `${JSON.stringify(each)}\n`).join('');
  writeFileSync(join(folder, 'examples.jsonl'), lines(examples.map(exampleOf)));
  writeFileSync(join(folder, 'evaluation.jsonl'), lines(evaluation));
  return digest;
}

function suggest(fixture: Fixture, id: string, path: string, daysAgo: number, owner = repoId): void {
  const { ground } = fixture;
  ground.suggestions.add({
    ...{ id, repoId: owner, uri: `file:///${path}`, path, languageId: 'typescript', offset: 0 },
    ...{ atMs: nowMs - daysAgo * dayMs, prefix: `prefixOf${id}`, suffix: '', text: `textOf${id}` },
    ...{ isMultiline: false, adapter: 'base', baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] },
  });
  ground.outcomes.put({ suggestionId: id, kind: 'rejected', acceptedChars: 0, isConfirmed: false });
  ground.outcomes.keep(id, `keptOf${id}`);
  ground.thumbs.put(id, 'up', nowMs);
  ground.survivals.add({ suggestionId: id, afterS: 30, value: { similarity: 1 } });
  const score = { candidate: 'c', champion: 'task', atMs: nowMs, candidateNll: 1, championNll: 2 };
  ground.shadowScores.add({ ...score, suggestionId: id });
}

async function withWorld(body: (world: World) => Promise<void>, groundPath?: string): Promise<void> {
  await withRegistry(
    async (fixture) => {
      const { root, clock, ground, registry } = fixture;
      clock.advance(nowMs - clock.nowMs());
      const folders = { data: root, cache: join(root, 'cache') };
      await body({
        fixture,
        props: { ground, registry, folders, clock, signal: neverAborts },
        datasets: () =>
          readdirSync(join(root, 'datasets')).map((name) =>
            readFileSync(join(root, 'datasets', name, 'examples.jsonl'), 'utf8')
              .split('\n')
              .filter(Boolean)
              .map((line) => (JSON.parse(line) as Example).path)
              .join(),
          ),
        suggestions: () =>
          ground.db.all('SELECT id FROM suggestions ORDER BY id').map((row) => row['id'] as string),
      });
    },
    { hasTask: true, ...(groundPath === undefined ? {} : { groundPath }) },
  );
}

/** Four suggestions, three datasets, and for each of them an adapter: `old` from history, `mid` from `old`, `new` from task. */
async function fill({ fixture }: World): Promise<void> {
  suggest(fixture, 's1', 'src/a.ts', 0);
  suggest(fixture, 's2', 'src/deep/b.ts', 3);
  suggest(fixture, 's3', 'lib/c.ts', 10);
  suggest(fixture, 's4', 'src/a.ts', 0, 'elsewhere');
  const old = await fixture.train('old', {
    datasetDigest: dataset(fixture, ['history src/deep/b.ts 20', 'snapshot lib/c.ts 20']),
    createdAtMs: nowMs - 9 * dayMs,
  });
  await fixture.train('mid', {
    datasetDigest: dataset(fixture, ['accepted lib/c.ts 10', 'replay src/a.ts 0']),
    createdAtMs: nowMs - 5 * dayMs,
    parentDigest: old,
  });
  await fixture.train('new', {
    datasetDigest: dataset(
      fixture,
      ['correction src/a.ts 0', 'history lib/c.ts 30 src/seen.ts'],
      ['test/t.ts'],
    ),
    createdAtMs: nowMs - 1,
  });
  dataset(fixture, ['accepted src/a.ts 0'], [], 'elsewhere');
}

interface Expected {
  readonly suggestions: readonly string[];
  readonly adapters: readonly string[];
  readonly datasets: number;
  readonly examples: number;
}

function check(name: string, scope: Omit<ForgetScope, 'repoId'>, expected: Expected): void {
  test(`forgets ${name}`, () =>
    withWorld(async (world) => {
      await fill(world);
      const told = (result: Forgotten) => ({
        adapters: result.adapters.map((digest) => world.fixture.nameOf(digest)),
        datasets: result.datasets.length,
        examples: result.nExamples,
      });
      const before = [world.suggestions(), world.datasets(), world.fixture.told()];
      const counted = await countForgotten(world.props, { repoId, ...scope });
      assert.deepEqual(
        [world.suggestions(), world.datasets(), world.fixture.told()],
        before,
        'counting deletes nothing',
      );
      const result = await forget(world.props, { repoId, ...scope });
      assert.deepEqual(counted, result);
      const { suggestions, ...rest } = expected;
      assert.deepEqual(told(result), rest);
      assert.deepEqual(world.suggestions(), suggestions);
      assert.equal(result.nSuggestions, 4 - suggestions.length);
      assert.equal(world.datasets().length, 4 - expected.datasets);
      const log = world.fixture.told();
      const again = await forget(world.props, { repoId, ...scope });
      assert.deepEqual(world.fixture.told(), log, 'what was not there is not told');
      assert.deepEqual([again.nSuggestions, told(again)], [0, { adapters: [], datasets: 0, examples: 0 }]);
    }));
}

const all = ['s1', 's2', 's3', 's4'];
const without = (...gone: readonly string[]) => all.filter((id) => !gone.includes(id));

check(
  'a file',
  { path: 'src/a.ts' },
  { suggestions: without('s1'), adapters: ['new'], datasets: 1, examples: 1 },
);
check(
  'a folder',
  { path: 'src' },
  { suggestions: without('s1', 's2'), adapters: ['new', 'mid', 'old'], datasets: 2, examples: 3 },
);
check(
  'a file that was only seen in a snippet',
  { path: 'src/seen.ts' },
  { suggestions: all, adapters: ['new'], datasets: 1, examples: 1 },
);
check(
  'a file that was only measured on',
  { path: 'test/t.ts' },
  { suggestions: all, adapters: ['new'], datasets: 1, examples: 0 },
);
check(
  'a file and all that came from it',
  { path: 'src/deep/b.ts' },
  { suggestions: without('s2'), adapters: ['mid', 'old'], datasets: 1, examples: 1 },
);
check(
  'nothing where only the name begins alike',
  { path: 'src/a' },
  { suggestions: all, adapters: [], datasets: 0, examples: 0 },
);
check(
  'nothing where only the case is another',
  { path: 'SRC' },
  { suggestions: all, adapters: [], datasets: 0, examples: 0 },
);
check(
  'the last hours, but not what git has',
  { sinceMs: nowMs - dayMs },
  { suggestions: without('s1'), adapters: ['new'], datasets: 1, examples: 1 },
);
check(
  'what is older',
  { untilMs: nowMs - 4 * dayMs },
  { suggestions: without('s3'), adapters: ['mid'], datasets: 1, examples: 1 },
);
check(
  'a file in a span of time',
  { path: 'lib/c.ts', sinceMs: nowMs - 25 * dayMs },
  { suggestions: without('s3'), adapters: ['mid', 'old'], datasets: 2, examples: 2 },
);
check(
  'everything of this repository',
  {},
  { suggestions: ['s4'], adapters: ['new', 'mid', 'old'], datasets: 3, examples: 5 },
);

test('what hangs on a suggestion goes with it, and what is of another repository stays', () =>
  withWorld(async (world) => {
    await fill(world);
    await forget(world.props, { repoId });
    for (const table of ['suggestions', 'outcomes', 'thumbs', 'survivals', 'shadowScores']) {
      const rows = world.fixture.ground.db.all(`SELECT * FROM ${table}`);
      assert.deepEqual(
        rows.map((row) => row['suggestionId'] ?? row['id']),
        ['s4'],
        table,
      );
    }
    assert.deepEqual(world.datasets(), ['src/a.ts']);
  }));

test('not a byte is left in the files', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'idiom.sqlite');
  await withWorld(async (world) => {
    await fill(world);
    const bytes = () =>
      ['', '-wal'].map((end) => (existsSync(path + end) ? readFileSync(path + end, 'latin1') : '')).join('');
    for (const what of ['prefixOf', 'textOf', 'keptOf']) assert.ok(bytes().includes(`${what}s1`), what);
    await forget(world.props, { repoId, path: 'src/a.ts' });
    for (const what of ['prefixOf', 'textOf', 'keptOf']) {
      assert.ok(!bytes().includes(`${what}s1`), what);
      assert.ok(bytes().includes(`${what}s2`), `${what} of another`);
    }
  }, path);
});

const promote = ({ fixture }: World, text: string) => {
  const digest =
    fixture.ground.adapterVersions.of(repoId).find((each) => fixture.nameOf(each.digest) === text)?.digest ??
    '';
  fixture.judge(digest, 'pass');
  fixture.registry.promote(key, digest, byGate);
};

for (const [name, promoted, path, serves, champions] of [
  ['an older version that is not concerned', ['old', 'new'], 'src/a.ts', 'old', 1],
  ['the task adapter, as the older one is concerned too', ['old', 'new'], 'lib/c.ts', 'task', 1],
  ['the champion, as it is not concerned', ['new', 'old'], 'src/a.ts', 'old', 0],
] as const) {
  test(`afterwards serves ${name}`, () =>
    withWorld(async (world) => {
      await fill(world);
      for (const text of promoted) promote(world, text);
      const counted = await countForgotten(world.props, { repoId, path });
      const result = await forget(world.props, { repoId, path });
      assert.deepEqual(counted.champions, result.champions);
      assert.equal(world.fixture.nameOf(world.fixture.registry.champion(key)), serves);
      assert.equal(result.champions.length, champions);
      if (champions > 0) assert.equal(world.fixture.nameOf(result.champions[0]?.to), serves);
    }));
}

test('forgotten versions never serve again, their files go, and the log tells why', () =>
  withWorld(async (world) => {
    await fill(world);
    const [newest] = world.fixture.ground.adapterVersions.of(repoId);
    const merged = join(world.props.folders.cache, 'merged');
    mkdirSync(merged, { recursive: true });
    for (const name of [`${newest?.digest}.gguf`, `${newest?.digest}.sha256`, 'other.gguf'])
      writeFileSync(join(merged, name), 'x');
    await forget(world.props, { repoId, path: 'src/a.ts' });
    assert.deepEqual(readdirSync(merged), ['other.gguf']);
    const version = world.fixture.ground.adapterVersions.get(newest?.digest ?? '');
    assert.match(
      version?.forgottenWhy ?? '',
      /^Something that it learned from was forgotten: .* src\/a\.ts\.$/,
    );
    assert.equal(existsSync(join(world.fixture.root, 'adapters', newest?.digest ?? '')), false);
    assert.deepEqual(world.fixture.told().slice(0, 3), [
      'collected new',
      'forgotten nothing',
      'forgotten new',
    ]);
    assert.equal(readdirSync(join(world.fixture.root, 'adapters')).length, 2);
  }));

test('a version whose dataset is gone may hold anything that was there when it was made', () =>
  withWorld(async ({ fixture, props }) => {
    await fixture.train('lost', { datasetDigest: 'f'.repeat(64), createdAtMs: nowMs - dayMs });
    const namesOf = async (scope: object) =>
      (await countForgotten(props, { repoId, ...scope })).adapters.map(fixture.nameOf);
    assert.deepEqual(await namesOf({ path: 'x.ts' }), ['lost']);
    assert.deepEqual(await namesOf({ sinceMs: nowMs - 2 * dayMs }), ['lost']);
    assert.deepEqual(await namesOf({ sinceMs: nowMs - dayMs / 2 }), []);
  }));

test('a version from another machine learned nothing here', () =>
  withWorld(async ({ fixture, props }) => {
    const adapter = await fixture.store('foreign', { datasetDigest: 'f'.repeat(64) });
    fixture.registry.add(adapter, { who: 'person', why: 'Imported.', what: 'imported' });
    assert.deepEqual((await countForgotten(props, { repoId, path: 'x.ts' })).adapters, []);
    assert.equal((await countForgotten(props, { repoId })).adapters.length, 1);
  }));

test('a damaged line of a dataset may hold anything', () =>
  withWorld(async ({ fixture, props, datasets }) => {
    const digest = dataset(fixture, ['accepted src/a.ts 0']);
    writeFileSync(join(fixture.root, 'datasets', digest, 'examples.jsonl'), '{"path":"src/a.ts"\n');
    const result = await forget(props, { repoId, path: 'other.ts' });
    assert.deepEqual(result.datasets, [digest]);
    assert.deepEqual(datasets(), []);
  }));

test('lines of forgotten files leave reports and frozen cases; verdicts and figures stay', () =>
  withWorld(async ({ fixture, props }) => {
    const { ground, registry, root } = fixture;
    const side = { nll: 1 };
    const caseOf = (path: string) => ({
      ...{
        set: 'repository',
        path,
        languageId: 'x',
        line: 1,
        commit: '',
        before: 'secret above',
        middle: '',
      },
      ...{ champion: side, candidate: side },
    });
    fixture.judge('c', 'pass');
    const whole = ground.evalReports.newestOf('c');
    assert(whole !== undefined);
    registry.addReport(repoId, { ...whole, cases: [caseOf('src/a.ts'), caseOf('lib/c.ts')] });
    const frozen = frozenPath({ dataFolder: root, repoId, baseDigest: key.baseDigest });
    mkdirSync(join(root, 'frozen'));
    writeFileSync(frozen, '');
    await forget(props, { repoId, sinceMs: 1 });
    assert.equal(ground.evalReports.newestOf('c')?.cases.length, 2);
    assert.ok(existsSync(frozen));
    await forget(props, { repoId, path: 'src' });
    const left = ground.evalReports.newestOf('c');
    assert.deepEqual(
      left?.cases.map((each) => each.path),
      ['lib/c.ts'],
    );
    assert.deepEqual([left?.verdict, left?.sets], [whole.verdict, whole.sets]);
    assert.equal(existsSync(frozen), false);
  }));

test('checkpoints that nothing writes any more go when a dataset does', () =>
  withWorld(async (world) => {
    await fill(world);
    const trainings = join(world.props.folders.cache, 'trainings');
    mkdirSync(trainings, { recursive: true });
    for (const [name, agoS] of [
      ['one.checkpoint', 3600],
      ['running.checkpoint', 60],
    ] as const) {
      writeFileSync(join(trainings, name), 'x');
      utimesSync(join(trainings, name), nowMs / 1000 - agoS, nowMs / 1000 - agoS);
    }
    await forget(world.props, { repoId, path: 'nowhere.ts' });
    assert.equal(readdirSync(trainings).length, 2);
    await forget(world.props, { repoId, path: 'src/a.ts' });
    assert.deepEqual(readdirSync(trainings), ['running.checkpoint']);
  }));

const tasks = (root: string) => readdirSync(root).filter((name) => name.startsWith('forget-'));

test('what a killed process wrote down is finished at the next start, and what came later stays', () =>
  withWorld(async (world) => {
    const { fixture, props } = world;
    await fill(world);
    const task = { scope: { repoId, path: 'src/a.ts' }, beforeMs: nowMs };
    writeFileSync(join(fixture.root, 'forget-1.json'), JSON.stringify(task));
    fixture.clock.advance(10);
    suggest(fixture, 's5', 'src/a.ts', -1 / dayMs);
    const [done] = await resumeForgetting(props);
    assert.equal(done?.nSuggestions, 1);
    assert.deepEqual(world.suggestions(), ['s2', 's3', 's4', 's5']);
    assert.deepEqual(tasks(fixture.root), []);
    assert.deepEqual(await resumeForgetting(props), []);
  }));

test('killed between rows and files: the files go at the next start', () =>
  withWorld(async (world) => {
    const { fixture, props } = world;
    await fill(world);
    const killed = new Error('killed');
    const emptyLog = fixture.ground.db.exec;
    const db = {
      ...fixture.ground.db,
      exec(sql: string) {
        if (sql.includes('wal_checkpoint')) throw killed;
        emptyLog(sql);
      },
    };
    const dying = { ...props, ground: { ...fixture.ground, db } };
    await assert.rejects(forget(dying, { repoId, path: 'src/a.ts' }), killed);
    assert.deepEqual(world.suggestions(), ['s2', 's3', 's4']);
    assert.equal(world.datasets().length, 4);
    assert.equal(tasks(fixture.root).length, 1);
    await resumeForgetting(props);
    assert.equal(world.datasets().length, 3);
    assert.equal(readdirSync(join(fixture.root, 'adapters')).length, 2);
    assert.deepEqual(tasks(fixture.root), []);
  }));

test('killed while the rows are deleted: none is', () =>
  withWorld(async (world) => {
    await fill(world);
    const killed = new Error('killed');
    const registry = {
      ...world.props.registry,
      markForgotten: () => {
        throw killed;
      },
    };
    await assert.rejects(forget({ ...world.props, registry }, { repoId }), killed);
    assert.deepEqual(world.suggestions(), all);
    await resumeForgetting(world.props);
    assert.deepEqual(world.suggestions(), ['s4']);
  }));

test('a note that cannot be read is put away', () =>
  withWorld(async ({ fixture, props }) => {
    writeFileSync(join(fixture.root, 'forget-1.json'), '{"scope":{}}');
    writeFileSync(join(fixture.root, 'forget-2.json'), '{"sco');
    assert.deepEqual(await resumeForgetting(props), []);
    assert.deepEqual(tasks(fixture.root), []);
  }));
