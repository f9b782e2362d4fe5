/** Aliases, promotion, rollback and the log: what moves, what is refused, and that nothing moves by half. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { byGate, byPerson, key, withRegistry } from './registryFixture.ts';
import type { Fixture } from './registryFixture.ts';

/** What serves, and the aliases, by the adapters' texts. */
function checkAliases(
  { registry, nameOf }: Fixture,
  expected: Partial<Record<'champion' | 'previous' | 'canary', string>>,
): void {
  const named = Object.entries(registry.aliases(key)).map(([alias, digest]) => [alias, nameOf(digest)]);
  assert.deepEqual(Object.fromEntries(named), expected);
}

function checkRefused(body: () => unknown, code: string, words: RegExp): void {
  assert.throws(body, (error) => {
    assert.ok(error instanceof IdiomError);
    assert.equal(error.code, code);
    assert.match(error.sentence, words);
    return true;
  });
}

/** Trains `a`, `b` and so on, judges each as passed and promotes it. */
async function promoteAll(fixture: Fixture, texts: readonly string[]): Promise<string[]> {
  const digests: string[] = [];
  for (const text of texts) {
    const digest = await fixture.train(text);
    fixture.judge(digest, 'pass');
    fixture.registry.promote(key, digest, byGate);
    digests.push(digest);
  }
  return digests;
}

test('a promoted version is the champion, and the one before it the previous', () =>
  withRegistry(async (fixture) => {
    await promoteAll(fixture, ['a']);
    checkAliases(fixture, { champion: 'a' });
    await promoteAll(fixture, ['b', 'c']);
    checkAliases(fixture, { champion: 'c', previous: 'b' });
    assert.deepEqual(fixture.told().slice(0, 3), ['promoted c', 'trained c', 'promoted b']);
  }));

test('promoting the champion again changes nothing, so two windows may both do it', () =>
  withRegistry(async (fixture) => {
    const [, b] = await promoteAll(fixture, ['a', 'b']);
    fixture.registry.promote(key, b ?? '', byPerson);
    checkAliases(fixture, { champion: 'b', previous: 'a' });
    assert.equal(fixture.told()[0], 'promoted b');
    assert.equal(fixture.told().length, 4);
  }));

test('without a passing report nothing is promoted, but for a reason that is logged', () =>
  withRegistry(async (fixture) => {
    const { registry, train, judge } = fixture;
    const a = await train('a');
    const promote = (cause: object = {}) => registry.promote(key, a, { ...byPerson, ...cause });
    checkRefused(promote, 'gateRefused', /was not evaluated.*idiom eval/);
    judge(a, 'refuse');
    checkRefused(promote, 'gateRefused', /refused.*not measurably better/);
    checkRefused(() => promote({ overrideReason: '  ' }), 'gateRefused', /refused/);
    judge(a, 'pass', 'f'.repeat(64));
    checkRefused(promote, 'gateRefused', /compared with ffffffffffff, but base is in use/);
    checkAliases(fixture, {});
    promote({ overrideReason: 'I know better.' });
    checkAliases(fixture, { champion: 'a' });
    assert.match(fixture.ground.auditEntries.of(key.repoId, 1)[0]?.why ?? '', /I know better\./);
  }));

test('the last report counts, whatever the clock said', () =>
  withRegistry(async ({ registry, train, judge }) => {
    const a = await train('a');
    judge(a, 'pass');
    judge(a, 'refuse');
    checkRefused(() => registry.promote(key, a, byGate), 'gateRefused', /refused/);
    assert.equal(registry.hasPassingReport(a, 'base'), false);
  }));

test('a report against the task adapter counts by its name and by its digest', () =>
  withRegistry(
    async ({ registry, train, judge, ground }) => {
      const a = await train('a');
      assert.equal(registry.champion(key), 'task');
      judge(a, 'pass', registry.taskAdapterOf(key.baseDigest)?.digest);
      registry.promote(key, a, byGate);
      assert.equal(ground.adapterAliases.of(key.repoId, key.baseDigest).champion, a);
    },
    { hasTask: true },
  ));

test('a version of another base model, repository, or none at all is refused, with any reason', () =>
  withRegistry(async (fixture) => {
    const other = await fixture.train('other base', { baseDigest: 'base-2' });
    const foreign = await fixture.train('foreign', { repoId: 'elsewhere' });
    const promote = (digest: string) =>
      fixture.registry.promote(key, digest, { ...byPerson, overrideReason: 'Please.' });
    checkRefused(() => promote(other), 'wrongUse', /another base model/);
    checkRefused(() => promote(foreign), 'wrongUse', /no adapter version/);
    checkRefused(() => promote('0'.repeat(64)), 'wrongUse', /no adapter version 000000000000/);
    checkAliases(fixture, {});
  }));

test('rolling back goes to the previous one, then to what comes with Idiom, then no further', () =>
  withRegistry(
    async (fixture) => {
      const { registry, nameOf } = fixture;
      await promoteAll(fixture, ['a', 'b', 'c']);
      assert.equal(nameOf(registry.rollback(key, byPerson)), 'b');
      checkAliases(fixture, { champion: 'b' });
      assert.equal(registry.rollback(key, byPerson), 'task');
      checkAliases(fixture, {});
      checkRefused(() => registry.rollback(key, byPerson), 'wrongUse', /no earlier version/);
      assert.deepEqual(fixture.told().slice(0, 2), ['rolledBack b', 'rolledBack c']);
    },
    { hasTask: true },
  ));

test('a move that fails half way moves nothing and logs nothing', () =>
  withRegistry(async (fixture) => {
    const { registry, ground, train, judge } = fixture;
    await promoteAll(fixture, ['a']);
    const b = await train('b');
    judge(b, 'pass');
    const before = fixture.told();
    ground.db.exec(
      `CREATE TRIGGER full BEFORE INSERT ON auditEntries BEGIN SELECT raise(ABORT, 'full'); END`,
    );
    assert.throws(() => registry.promote(key, b, byGate), /full/);
    assert.throws(() => registry.rollback(key, byPerson), /full/);
    assert.throws(() => registry.setCanary(key, b, byGate), /full/);
    assert.throws(() => registry.markForgotten([b], 'Gone.'), /full/);
    checkAliases(fixture, { champion: 'a' });
    assert.deepEqual(fixture.told(), before);
  }));

test('a canary needs a passing report; promoting it ends it', () =>
  withRegistry(async (fixture) => {
    const { registry, train, judge, told } = fixture;
    const a = await train('a');
    checkRefused(() => registry.setCanary(key, a, byGate), 'gateRefused', /not evaluated/);
    judge(a, 'pass');
    registry.setCanary(key, a, byGate);
    checkAliases(fixture, { canary: 'a' });
    registry.promote(key, a, { who: 'canary', why: 'It did well.' });
    checkAliases(fixture, { champion: 'a' });
    const b = await train('b');
    judge(b, 'pass');
    registry.setCanary(key, b, byGate);
    registry.clearCanary(key, { who: 'canary', why: 'It did badly.', isRolledBack: true });
    registry.clearCanary(key, byPerson);
    checkAliases(fixture, { champion: 'a' });
    assert.equal(told()[0], 'rolledBack b');
  }));

test('a forgotten champion gives way, and never comes back', () =>
  withRegistry(async (fixture) => {
    const { registry, nameOf } = fixture;
    const [a = '', b = '', c = ''] = await promoteAll(fixture, ['a', 'b', 'c']);
    const moved = registry.markForgotten([c, a], 'A file that it learned from was forgotten.');
    assert.deepEqual(
      moved.map(({ from, to }) => [nameOf(from), nameOf(to)]),
      [['c', 'b']],
    );
    checkAliases(fixture, { champion: 'b' });
    const promote = () => registry.promote(key, c, { ...byPerson, overrideReason: 'Please.' });
    checkRefused(promote, 'wrongUse', /may not serve again: A file/);
    assert.deepEqual(registry.markForgotten([c], 'Again.'), []);
    registry.markForgotten([b], 'That too.');
    checkAliases(fixture, {});
  }));

test('a forgotten previous one is not rolled back to', () =>
  withRegistry(async (fixture) => {
    const [a = '', b = ''] = await promoteAll(fixture, ['a', 'b']);
    fixture.registry.markForgotten([a], 'Forgotten.');
    checkAliases(fixture, { champion: 'b' });
    assert.equal(fixture.registry.rollback(key, byPerson), 'base');
    assert.equal(fixture.nameOf(b), 'b');
  }));

test('versions are found by the beginning of their digest, among those of the repository', () =>
  withRegistry(async ({ registry, train }) => {
    const a = await train('a');
    await train('foreign', { repoId: 'elsewhere' });
    assert.equal(registry.find('repo', a.slice(0, 8)).digest, a);
    checkRefused(() => registry.find('elsewhere', a), 'wrongUse', /no adapter version/);
    await train('b');
    checkRefused(() => registry.find('repo', ''), 'wrongUse', /2 versions/);
  }));

test('two processes that promote at once leave one champion', async () => {
  await withRegistry(async ({ root }) => {
    const groundPath = join(root, 'idiom.sqlite');
    await withRegistry(
      async (one) => {
        await withRegistry(
          async (other) => {
            const a = await one.train('a');
            one.judge(a, 'pass');
            const b = await one.train('b');
            one.judge(b, 'pass');
            one.registry.promote(key, a, byGate);
            checkRefused(
              () => other.registry.promote(key, b, byPerson),
              'gateRefused',
              /compared with base, but/,
            );
            checkAliases(one, { champion: 'a' });
          },
          { groundPath },
        );
      },
      { groundPath },
    );
  });
});
