/** What there is to serve with, as aliases move and files are damaged, and that reports are read once. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RouteCandidates } from '../../../server/completion/chooseRoute.ts';
import { createServedVersions } from '../../../server/learning/servedVersions.ts';
import { secretLearned } from '../../../server/learning/scrubDatasets.ts';
import { createAdapterServer } from '../../../server/registry/serveAdapter.ts';
import { byPerson, key, withRegistry } from '../registry/registryFixture.ts';
import type { Fixture } from '../registry/registryFixture.ts';

function check(
  name: string,
  prepare: (fixture: Fixture) => Promise<unknown>,
  expected: Record<string, string>,
  isCanaryDay = false,
): void {
  test(name, () =>
    withRegistry(
      async (fixture) => {
        await prepare(fixture);
        const served = createServedVersions(fixture.registry, createAdapterServer(fixture.registry));
        const found: RouteCandidates = served.candidatesOf(key, isCanaryDay);
        const names = (['task', 'champion', 'previous', 'canary'] as const).flatMap((name) =>
          found[name] === undefined ? [] : [[name, fixture.nameOf(found[name].digest)]],
        );
        assert.deepEqual(Object.fromEntries(names), expected);
        assert.equal(found.isCanaryDay, 'canary' in expected);
      },
      { hasTask: true },
    ),
  );
}

async function promote(fixture: Fixture, text: string): Promise<string> {
  const digest = await fixture.train(text);
  fixture.judge(digest, 'pass');
  fixture.registry.promote(key, digest, byPerson);
  return digest;
}

async function stage(fixture: Fixture, text: string): Promise<void> {
  const digest = await fixture.train(text);
  fixture.judge(digest, 'pass');
  fixture.registry.setCanary(key, digest, byPerson);
}

check('nothing learned yet', async () => undefined, { task: 'task' });
check(
  'a champion and the one before it',
  async (fixture) => {
    await promote(fixture, 'one');
    await promote(fixture, 'two');
  },
  { task: 'task', champion: 'two', previous: 'one' },
);
check('a canary serves on its day only', (fixture) => stage(fixture, 'new'), { task: 'task' });
check('a canary on its day', (fixture) => stage(fixture, 'new'), { task: 'task', canary: 'new' }, true);
check(
  'where the champion is damaged, the version before it serves',
  async (fixture) => {
    await promote(fixture, 'one');
    const two = await promote(fixture, 'two');
    writeFileSync(`${fixture.root}/adapters/${two}/adapter.gguf`, 'changed');
  },
  { task: 'task', champion: 'one' },
);

test('reports are read once, and again after a refresh', () =>
  withRegistry(async (fixture) => {
    await promote(fixture, 'one');
    const { evalReports } = fixture.ground;
    const newestOf = evalReports.newestOf.bind(evalReports);
    let nReads = 0;
    evalReports.newestOf = (candidate) => {
      nReads++;
      return newestOf(candidate);
    };
    const served = createServedVersions(fixture.registry, createAdapterServer(fixture.registry));
    for (let i = 0; i < 3; i++) served.candidatesOf(key, false);
    assert.equal(nReads, 1);
    served.refresh();
    served.candidatesOf(key, false);
    assert.equal(nReads, 2);
  }));

test('that the version in use had learned a secret is told until another one is promoted', () =>
  withRegistry(
    async (fixture) => {
      const served = createServedVersions(fixture.registry, createAdapterServer(fixture.registry));
      await promote(fixture, 'one');
      const two = await promote(fixture, 'two');
      fixture.registry.markForgotten([two], secretLearned);
      const { name, notice = '' } = served.serving(key);
      assert.equal(fixture.nameOf(name), 'one');
      assert.match(notice, /^Version 2 was trained on text that held .* trains a new one/);
      await promote(fixture, 'three');
      assert.equal(served.serving(key).notice, undefined);
    },
    { hasTask: true },
  ));
