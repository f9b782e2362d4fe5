/** `idiom versions`, `promote` and `rollback` on a small registry: what they print, change and refuse, with their exit codes. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import type { VersionsResult } from '../../../protocol/learning.ts';
import { neverAborts } from '../../../server/base/abort.ts';
import { IdiomError } from '../../../server/base/errors.ts';
import { registerPromote, registerRollback } from '../../../server/cli/promote.ts';
import { describeReport } from '../../../server/cli/describeReport.ts';
import { registerVersions } from '../../../server/cli/versions.ts';
import type { RegistryContext } from '../../../server/cli/withRegistry.ts';
import { byGate, key, report, withRegistry } from '../registry/registryFixture.ts';
import type { Fixture } from '../registry/registryFixture.ts';

interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly sentence: string;
}

interface Running extends Fixture {
  run(...args: string[]): Promise<Ran>;
}

/** Commands open the database by its path, so it is a file here. */
async function withCommands(body: (running: Running) => Promise<void>): Promise<void> {
  await withRegistry(async ({ root }) => {
    const groundPath = join(root, 'data', 'idiom.sqlite');
    await withRegistry(
      async (fixture) => {
        const run = async (...args: string[]): Promise<Ran> => {
          const out: string[] = [];
          const folders = { data: fixture.root, cache: '', logs: '', models: '' };
          const context: RegistryContext = {
            ...{ groundPath, folders, mediaDir: fixture.root },
            repo: () => Promise.resolve({ repoId: key.repoId, root: fixture.root, name: 'Repo' }),
            write: (line) => void out.push(line),
            remark: (line) => void out.push(`remark: ${line}`),
            nowMs: () => fixture.clock.nowMs(),
            signal: neverAborts,
          };
          const program = new Command('idiom').exitOverride();
          for (const register of [registerVersions, registerPromote, registerRollback])
            register(program, context);
          try {
            await program.parseAsync(args, { from: 'user' });
            return { code: 0, out, sentence: '' };
          } catch (error) {
            if (!(error instanceof IdiomError)) throw error;
            return { code: error.exitCode, out, sentence: error.sentence };
          }
        };
        await body({ ...fixture, run });
      },
      { groundPath },
    );
  });
}

const asJson = ({ out }: Ran) => JSON.parse(out.join('')) as VersionsResult & { serving: string };

test('a repository without versions says how to make one', () =>
  withCommands(async ({ run }) => {
    assert.deepEqual((await run('versions')).out, [
      'Repo has no adapter versions yet; "idiom train" makes one.',
    ]);
    assert.deepEqual(asJson(await run('versions', '--json')).versions, []);
  }));

test('versions that another command trained are listed though nobody wrote them down', () =>
  withCommands(async ({ store, run }) => {
    const { digest } = await store('a');
    assert.deepEqual(
      asJson(await run('versions', '--json')).versions.map((version) => version.digest),
      [digest],
    );
    assert.match((await run('versions')).out[0] ?? '', /^[0-9a-f]{12} {2}0 min old {2}not judged/);
  }));

test('promote and rollback move what serves, and say so', () =>
  withCommands(async ({ train, judge, registry, run, clock }) => {
    const a = await train('a');
    judge(a, 'pass');
    const promoted = await run('promote', a.slice(0, 8));
    assert.deepEqual(promoted.out, [`Version ${a.slice(0, 12)} is in use now.`]);
    assert.deepEqual(registry.aliases(key), { champion: a });
    clock.advance(3 * 86_400_000);
    assert.match(
      (await run('versions')).out[0] ?? '',
      /\[champion\] {2}3 days old {2}passed \(-0\.100 nats a token\)/,
    );
    const back = asJson(await run('rollback', '--json', '--reason', 'It is slow.'));
    assert.deepEqual([back.serving, back.aliases], ['base', {}]);
    assert.match(registry.ground.auditEntries.of(key.repoId, 1)[0]?.why ?? '', /^It is slow\./);
  }));

test('what the gate has not passed is refused with exit code 3, unless there is a reason', () =>
  withCommands(async ({ train, judge, registry, run }) => {
    const a = await train('a');
    judge(a, 'refuse');
    const refused = await run('promote', a);
    assert.equal(refused.code, 3);
    assert.match(refused.sentence, /^The gate refused the adapter .* give a reason/);
    assert.deepEqual(registry.aliases(key), {});
    const forced = asJson(await run('promote', a, '--reason', 'For a trial.', '--json'));
    assert.equal(forced.serving, a);
  }));

test('a version that was trained on a secret is told, and does not serve', () =>
  withCommands(async ({ train, judge, registry, root, run }) => {
    const datasetDigest = 'd'.repeat(64);
    mkdirSync(join(root, 'datasets', datasetDigest), { recursive: true });
    const example = {
      kind: 'window',
      source: 'history',
      path: 'a.py',
      text: 'password = "qX7vT2mK9pLw4RzN8bHc"',
    };
    writeFileSync(join(root, 'datasets', datasetDigest, 'examples.jsonl'), JSON.stringify(example));
    const a = await train('a', { datasetDigest });
    judge(a, 'pass');
    registry.promote(key, a, byGate);
    const { out } = await run('versions');
    assert.match(out[0] ?? '', /^remark: Version 1: It was trained on text that held a password/);
    assert.equal(registry.champion(key), 'base');
    assert.match((await run('promote', a)).sentence, /may not serve again/);
  }));

test('wrong use has exit code 2 and a sentence', () =>
  withCommands(async ({ run }) => {
    for (const [args, words] of [
      [['rollback'], /no earlier version yet/],
      [['promote', 'abc'], /no adapter version abc/],
      [['versions', 'show', 'abc'], /no adapter version abc/],
      [['versions', 'export', 'abc', '/nowhere'], /no adapter version abc/],
    ] as const) {
      const { code, sentence } = await run(...args);
      assert.equal(code, 2);
      assert.match(sentence, words);
    }
  }));

test('with champions for several base models rollback asks which', () =>
  withCommands(async ({ train, registry, run }) => {
    const reason = { ...byGate, overrideReason: 'A test.' };
    for (const baseDigest of ['base-1', 'base-2'])
      registry.promote({ ...key, baseDigest }, await train(baseDigest, { baseDigest }), reason);
    const { code, sentence } = await run('rollback');
    assert.equal(code, 2);
    assert.match(sentence, /champions for 2 base models\. Name one with --base: base-1, base-2\./);
    assert.equal(asJson(await run('rollback', '--base', 'base-2', '--json')).serving, 'base');
    assert.notEqual(registry.aliases(key).champion, undefined);
  }));

test('show prints the last report, with --json whole', () =>
  withCommands(async ({ train, judge, run }) => {
    const a = await train('a');
    assert.match((await run('versions', 'show', a)).sentence, /has not judged.*idiom eval/);
    judge(a, 'refuse');
    assert.equal((await run('versions', 'show', a)).out.at(-1), 'The gate refuses it.');
    assert.equal(
      (JSON.parse((await run('versions', 'show', a, '--json')).out[0] ?? '') as { candidate: string })
        .candidate,
      a,
    );
  }));

test('export and import go by folders', () =>
  withCommands(async ({ train, run, root }) => {
    const folder = join(root, 'out');
    const a = await train('a');
    assert.deepEqual((await run('versions', 'export', a, folder)).out, [
      `Version ${a.slice(0, 12)} is in ${folder}.`,
    ]);
    assert.ok(existsSync(join(folder, 'adapter_model.safetensors')));
    await withCommands(async (elsewhere) => {
      const imported = await elsewhere.run('versions', 'import', folder, '--json');
      assert.deepEqual(JSON.parse(imported.out[0] ?? ''), { digest: a });
      assert.equal((await elsewhere.run('promote', a)).code, 3, 'the gate has not seen it here');
    });
  }));

test('a report is a table, a line for each rule, and where it is weak', () => {
  const weakness = { by: 'kind', name: 'comment', nCases: 9, nWorse: 7, meanNllChange: 0.04 } as const;
  const failed = {
    name: 'our logger',
    passed: false,
    isAdversarial: false,
    text: '',
    reasons: ['It has no "info".'],
  };
  const lines = describeReport({
    ...report('f'.repeat(64), 'task', 'refuse'),
    weaknesses: [weakness],
    regression: [failed],
  });
  assert.deepEqual(lines, [
    'ffffffffffff against the adapter that comes with Idiom, 0.0 min',
    '                                                    before  after  change     95 % interval',
    '60 held-out lines of this repository: nats a token   1.500  1.400  -0.100  -0.200 to -0.050',
    '',
    'BROKEN  nll           It is not measurably better.',
    '        "our logger": It has no "info".',
    '',
    'Where it is weaker than before:',
    '  kind comment: 7 of 9 lines worse, +0.040 nats a token',
    '',
    'The gate refuses it.',
  ]);
});
