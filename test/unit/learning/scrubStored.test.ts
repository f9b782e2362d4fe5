/** What an older Idiom stored is looked through again: what goes, what is replaced, what serves afterwards, and that a killed process is finished. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { digestOf } from '../../../server/base/digest.ts';
import { scrubStored } from '../../../server/learning/scrubStored.ts';
import type { ScrubStoredProps } from '../../../server/learning/scrubStored.ts';
import { secretLearned } from '../../../server/learning/scrubDatasets.ts';
import type { RetiredAdapters } from '../../../server/learning/scrubDatasets.ts';
import { scrubberVersion } from '../../../server/secrets/scrubberVersion.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import { byGate, key, report, withRegistry } from '../registry/registryFixture.ts';
import type { Fixture } from '../registry/registryFixture.ts';

const { repoId } = key;
const nowMs = 1_800_000_000_000;
const secret = 'qX7vT2mK9pLw4RzN8bHc';
const line = `password = "${secret}"\n`;

interface Stored {
  readonly examples: readonly (object | string)[];
  readonly evaluation?: readonly object[];
  readonly scrubberVersion?: number;
}

/** Every one is another dataset. @returns its digest. */
function dataset({ root }: Fixture, { examples, evaluation = [], ...made }: Stored): string {
  const manifest = JSON.stringify({ manifest: { version: 1, repository: { name: 'r', repoId }, ...made } });
  const digest = digestOf(JSON.stringify([manifest, examples, evaluation]));
  const folder = join(root, 'datasets', digest);
  mkdirSync(folder, { recursive: true });
  const lines = (values: readonly (object | string)[]) =>
    values.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('');
  writeFileSync(join(folder, 'manifest.json'), manifest);
  writeFileSync(join(folder, 'examples.jsonl'), lines(examples));
  writeFileSync(join(folder, 'evaluation.jsonl'), lines(evaluation));
  return digest;
}

const window = (text: string, source = 'history') => ({ kind: 'window', source, path: 'a.py', text });
function fillIn(prefix: string, middle: string, suffix: string, snippet = '') {
  const snippets = snippet === '' ? [] : [{ path: 'b.py', startLine: 1, endLine: 2, text: snippet }];
  const parts = { path: 'a.py', prefix, suffix, snippets };
  return { kind: 'fillIn', source: 'history', path: 'a.py', middle, parts };
}
const asked = (prefix: string) => ({ case: { path: 'a.py', prefix, middle: 'f(1)', suffix: '' } });

interface World {
  readonly fixture: Fixture;
  readonly props: ScrubStoredProps;
  readonly retired: RetiredAdapters[];
  /** All that there is, to be compared. */
  state(): unknown;
}

async function withWorld(body: (world: World) => Promise<void>, groundPath?: string): Promise<void> {
  await withRegistry(
    async (fixture) => {
      const { root, ground, registry, clock } = fixture;
      clock.advance(nowMs - clock.nowMs());
      const folders = { data: root, cache: join(root, 'cache') };
      const retired: RetiredAdapters[] = [];
      const list = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
      await body({
        ...{ fixture, retired },
        props: {
          ...{ ground, registry, folders, clock, signal: neverAborts },
          onRetired: (each) => retired.push(each),
        },
        state: () => ({
          datasets: list(join(root, 'datasets')),
          adapters: list(join(root, 'adapters')),
          champion: fixture.nameOf(registry.champion(key)),
          marked: ground.adapterVersions
            .of(repoId)
            .filter((version) => version.forgottenWhy !== undefined)
            .map((version) => fixture.nameOf(version.digest)),
          suggestions: ground.db.all('SELECT * FROM suggestions JOIN outcomes ON suggestionId = id'),
          reports: ground.db.all('SELECT * FROM evalReports'),
          frozen: list(join(root, 'frozen')),
        }),
      });
    },
    { hasTask: true, ...(groundPath === undefined ? {} : { groundPath }) },
  );
}

function checkDataset(name: string, stored: Stored, isGone: boolean): void {
  test(`a dataset ${name} ${isGone ? 'goes' : 'stays'}`, () =>
    withWorld(async ({ fixture, props }) => {
      const digest = dataset(fixture, stored);
      const { datasets } = await scrubStored(props);
      assert.deepEqual(datasets, isGone ? [digest] : []);
      assert.deepEqual(readdirSync(join(fixture.root, 'datasets')), isGone ? [] : [digest]);
      // What was looked through is not looked through again.
      writeFileSync(join(fixture.root, 'datasets', 'x'), '');
      let nPauses = 0;
      await scrubStored({ ...props, mayGoOn: async () => void nPauses++ });
      assert.equal(nPauses, 0);
    }));
}

checkDataset(
  'without a secret',
  { examples: [window('a = 1\n'), fillIn('a = ', 'f(1)', '\n', 'b = 2\n')] },
  false,
);
checkDataset('with a secret in a window', { examples: [window('a = 1\n'), window(line)] }, true);
checkDataset('with a secret before a cursor', { examples: [fillIn(`${line}a = `, 'f(1)', '\n')] }, true);
checkDataset('with a secret behind a cursor', { examples: [fillIn('a = ', 'f(1)', `\n${line}`)] }, true);
checkDataset(
  'with a secret that a cursor parts',
  { examples: [fillIn(line.slice(0, 20), line.slice(20, -1), '\n')] },
  true,
);
checkDataset('with a secret in a snippet', { examples: [fillIn('a = ', 'f(1)', '\n', line)] }, true);
checkDataset('with a secret in a held-out file', { examples: [], evaluation: [asked(line)] }, true);
checkDataset(
  'with a secret in a damaged line',
  { examples: [`{"text":"${line.trim().replaceAll('"', "'")}`] },
  true,
);
checkDataset(
  'with an author, a card and what may be a password',
  {
    examples: [
      window('author = "Ann Lee <ann.lee@acme-shop.com>"\n'),
      window('card = "5312 8712 3456 7895"\n'),
      window('# the old password was Falcon#2087\n'),
    ],
  },
  false,
);
checkDataset('whose secrets were taken out', { examples: [window('password = "<secret>"\n')] }, false);
checkDataset('with one in what comes with Idiom', { examples: [window(line, 'replay')] }, false);
checkDataset('of this scrubber', { examples: [window(line)], scrubberVersion }, false);
checkDataset(
  'of an older scrubber',
  { examples: [window(line)], scrubberVersion: scrubberVersion - 1 },
  true,
);

function suggest({ ground }: Fixture, id: string, texts: readonly [string, string, string, string?]): void {
  const [prefix, text, suffix, kept] = texts;
  ground.suggestions.add({
    ...{
      id,
      repoId,
      uri: `file:///${id}.py`,
      path: `${id}.py`,
      languageId: 'python',
      offset: 0,
      atMs: nowMs,
    },
    ...{ prefix, text, suffix, isMultiline: false, adapter: 'base', baseModel: 'm', route: 'local' },
    ...{ latencyMs: {}, snippets: [] },
  });
  ground.outcomes.put({ suggestionId: id, kind: 'rejected', acceptedChars: 0, isConfirmed: false });
  ground.outcomes.keep(id, kept);
}

function checkSuggestion(
  name: string,
  before: readonly [string, string, string, string?],
  after: readonly [string, string, string, string?],
): void {
  test(`a recorded suggestion ${name}`, () =>
    withWorld(async ({ fixture, props }) => {
      suggest(fixture, 's1', before);
      await scrubStored(props);
      const { prefix, text, suffix } = fixture.ground.suggestions.get('s1') ?? {};
      assert.deepEqual(
        [prefix, text, suffix, fixture.ground.outcomes.get('s1')?.keptText],
        [...after, ...(after.length === 3 ? [undefined] : [])],
      );
    }));
}

checkSuggestion('without a secret stays', ['a = ', 'f(1)', '\n', 'g(2)'], ['a = ', 'f(1)', '\n', 'g(2)']);
checkSuggestion(
  'loses those around it',
  [`${line}a = `, 'f(1)', `\n${line}`, 'g(2)'],
  ['password = "<secret>"\na = ', 'f(1)', '\npassword = "<secret>"\n', 'g(2)'],
);
checkSuggestion(
  'loses one that it shows',
  ['password = ', `"${secret}"`, '\n', 'read()'],
  ['password = ', '"<secret>"', '\n', 'read()'],
);
checkSuggestion(
  'loses one that was kept',
  ['password = ', 'read()', '\n', `"${secret}"`],
  ['password = ', 'read()', '\n'],
);

const side = { nll: 1 };
const caseOf = (before: string, middle: string, text: string) => ({
  ...{ set: 'repository', path: 'a.py', languageId: 'python', line: 1, commit: '', before, middle },
  ...{ champion: side, candidate: { ...side, text } },
});

test('a stored report keeps its figures and loses its secrets', () =>
  withWorld(async ({ fixture, props }) => {
    const whole = report('c', 'task', 'pass');
    const regression = [
      { name: 'a', passed: false, isAdversarial: true, text: line, reasons: [`Has "${line}".`] },
    ];
    fixture.registry.addReport(repoId, {
      ...whole,
      ...{
        cases: [caseOf('password = ', `"${secret}"`, `"${secret}"`), caseOf('a = ', 'b', 'c')],
        regression,
      },
    });
    assert.equal((await scrubStored(props)).nRecords, 1);
    const now = fixture.ground.evalReports.newestOf('c');
    assert.ok(!JSON.stringify(now).includes(secret));
    assert.deepEqual(
      [now?.verdict, now?.sets, now?.cases[1]],
      [whole.verdict, whole.sets, caseOf('a = ', 'b', 'c')],
    );
    assert.equal(now?.scrubberVersion, scrubberVersion);
    assert.equal((await scrubStored(props)).nRecords, 0);
  }));

test('a report from which something is forgotten meanwhile keeps that', () =>
  withWorld(async ({ fixture, props }) => {
    const { registry, ground } = fixture;
    registry.addReport(repoId, { ...report('c', 'task', 'pass'), cases: [caseOf(line, 'b', 'c')] });
    let nPauses = 0;
    const forget = () =>
      void ground.db.run(`UPDATE evalReports SET report = ?`, JSON.stringify(report('c', 'task', 'pass')));
    await scrubStored({ ...props, mayGoOn: async () => void (nPauses++ === 0 && forget()) });
    assert.deepEqual(ground.evalReports.newestOf('c')?.cases, []);
  }));

/** Three versions: `clean`, `leaky` from it, and `child` from that one, which serves. */
async function fill({ fixture }: World): Promise<void> {
  const { root, registry } = fixture;
  const clean = await fixture.train('clean', {
    datasetDigest: dataset(fixture, { examples: [window('a = 1\n')] }),
  });
  const leaky = await fixture.train('leaky', {
    datasetDigest: dataset(fixture, { examples: [window(line)] }),
    parentDigest: clean,
  });
  const child = await fixture.train('child', {
    datasetDigest: dataset(fixture, { examples: [window('b = 2\n')] }),
    parentDigest: leaky,
  });
  for (const digest of [clean, child]) {
    fixture.judge(digest, 'pass');
    registry.promote(key, digest, byGate);
  }
  suggest(fixture, 's1', [`${line}a = `, 'f(1)', '\n', 'g(2)']);
  suggest(fixture, 's2', ['b = ', 'f(1)', '\n', 'g(2)']);
  mkdirSync(join(root, 'frozen'));
  writeFileSync(join(root, 'frozen', 'x.jsonl'), 'tokens');
}

test('what learned from it never serves again, the version before it does, and a person is told why', () =>
  withWorld(async (world) => {
    await fill(world);
    const { fixture, props, retired } = world;
    const merged = join(props.folders.cache, 'merged');
    mkdirSync(merged, { recursive: true });
    const child = fixture.registry.champion(key);
    for (const name of [`${child}.gguf`, 'other.gguf']) writeFileSync(join(merged, name), 'x');
    await scrubStored(props);
    assert.equal(fixture.nameOf(fixture.registry.champion(key)), 'clean');
    assert.deepEqual(readdirSync(merged), ['other.gguf']);
    assert.deepEqual(
      retired.map((each) => [each.repoId, each.adapters.map(fixture.nameOf), each.champions.length]),
      [[repoId, ['child', 'leaky'], 1]],
    );
    assert.equal(fixture.ground.adapterVersions.get(child)?.forgottenWhy, secretLearned);
    assert.throws(() => fixture.registry.promote(key, child, { ...byGate, overrideReason: 'I want it.' }), {
      message: /may not serve again: It was trained on text that held a password/,
    });
    assert.ok(fixture.told().includes('forgotten leaky'));
    assert.equal(existsSync(join(fixture.root, 'frozen')), false);
  }));

test('the task adapter serves when there was nothing before it', () =>
  withWorld(async ({ fixture, props }) => {
    const leaky = await fixture.train('leaky', {
      datasetDigest: dataset(fixture, { examples: [window(line)] }),
    });
    fixture.judge(leaky, 'pass');
    fixture.registry.promote(key, leaky, byGate);
    await scrubStored(props);
    assert.equal(fixture.registry.champion(key), 'task');
  }));

test('ended at any moment, it is finished by the next', async () => {
  let expected: unknown;
  await withWorld(async (world) => {
    await fill(world);
    await scrubStored(world.props);
    expected = world.state();
  });
  for (let nSteps = 0, isDone = false; !isDone; nSteps++) {
    await withWorld(async (world) => {
      await fill(world);
      let nLeft = nSteps;
      const mayGoOn = () => (nLeft-- > 0 ? Promise.resolve() : Promise.reject(new Error('killed')));
      isDone = await scrubStored({ ...world.props, mayGoOn }).then(
        () => true,
        () => false,
      );
      await scrubStored(world.props);
      assert.deepEqual(world.state(), expected, `after ${nSteps} steps`);
    });
    assert.ok(nSteps < 50);
  }
});

test('ended between rows and files, the files go with the next', () =>
  withWorld(async (world) => {
    await fill(world);
    const { fixture, props } = world;
    const marked = fixture.ground.adapterVersions
      .of(repoId)
      .filter((each) => fixture.nameOf(each.digest) !== 'clean');
    fixture.registry.markForgotten(
      marked.map((each) => each.digest),
      secretLearned,
    );
    await scrubStored(props);
    assert.equal(readdirSync(join(fixture.root, 'datasets')).length, 2);
    assert.equal(readdirSync(join(fixture.root, 'adapters')).length, 1);
  }));

test('not a byte of a secret is left in the files', async () => {
  const path = join(temporaryFolder(), 'idiom.sqlite');
  await withWorld(async (world) => {
    await fill(world);
    world.fixture.registry.addReport(repoId, {
      ...report('c', 'task', 'pass'),
      cases: [caseOf(line, 'b', 'c')],
    });
    const files = ['', '-wal'].map((end) => path + end).filter((each) => existsSync(each));
    const bytes = () => files.map((each) => readFileSync(each, 'latin1')).join('');
    assert.ok(bytes().includes(secret));
    await scrubStored(world.props);
    assert.ok(!bytes().includes(secret));
  }, path);
});

test('replays of learning that rest go; one that is under way stays', () =>
  withWorld(async ({ fixture, props }) => {
    const replays = join(fixture.root, 'cache', 'replayLearning');
    for (const [name, minutesAgo] of [
      ['old', 60],
      ['new', 1],
    ] as const) {
      mkdirSync(join(replays, name), { recursive: true });
      const at = (nowMs - minutesAgo * 60_000) / 1000;
      utimesSync(join(replays, name), at, at);
    }
    await scrubStored(props);
    assert.deepEqual(readdirSync(replays), ['new']);
  }));
