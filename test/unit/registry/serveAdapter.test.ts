/** What serves when files are sound, missing, cut, changed or forgotten; and that a digest is not computed at each request. */

import assert from 'node:assert/strict';
import { rmSync, truncateSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAdapterServer, createVerifier } from '../../../server/registry/serveAdapter.ts';
import { byGate, byPerson, key, withRegistry } from './registryFixture.ts';
import type { Fixture } from './registryFixture.ts';

type Damage = 'removed' | 'cut' | 'changed' | 'emptied';

function damage(fixture: Fixture, digest: string, how: Damage): void {
  const path = join(fixture.registry.adaptersFolder, digest, 'adapter.gguf');
  if (how === 'removed') rmSync(join(fixture.registry.adaptersFolder, digest), { recursive: true });
  else if (how === 'cut') truncateSync(path, 1);
  else writeFileSync(path, how === 'changed' ? 'XX' : '');
}

/** Promotes the versions `old` and `new`, damages them, and tells what serves. */
async function check(
  damages: { readonly old?: Damage; readonly new?: Damage },
  expected: string,
  notice: RegExp | undefined,
  hasTask = true,
): Promise<void> {
  await withRegistry(
    async (fixture) => {
      const { registry, train, judge, nameOf } = fixture;
      const server = createAdapterServer(registry);
      for (const text of ['old', 'new'] as const) {
        const digest = await train(text);
        judge(digest, 'pass');
        registry.promote(key, digest, byGate);
        assert.equal(nameOf(server.serving(key).name), text, 'sound files serve');
      }
      const { champion = '', previous = '' } = registry.aliases(key);
      if (damages.new !== undefined) damage(fixture, champion, damages.new);
      if (damages.old !== undefined) damage(fixture, previous, damages.old);
      const served = server.serving(key);
      assert.equal(nameOf(served.name), expected);
      assert.equal(served.file === undefined, expected === 'base');
      if (notice === undefined) assert.equal(served.notice, undefined);
      else assert.match(served.notice ?? '', notice);
    },
    { hasTask },
  );
}

test('the champion serves', () => check({}, 'new', undefined));
test('a removed champion is stood in for by the previous one', () =>
  check({ new: 'removed' }, 'old', /missing or were changed, so \w{12} is used/));
test('a cut one too', () => check({ new: 'cut' }, 'old', /changed/));
test('and one with other bytes', () => check({ new: 'changed' }, 'old', /changed/));
test('where both are damaged the task adapter serves', () =>
  check({ new: 'emptied', old: 'removed' }, 'task', / and of .* so the task adapter is used/));
test('and without one the base model', () =>
  check({ new: 'emptied', old: 'cut' }, 'base', /the base model alone is used/, false));
test('a damaged previous one disturbs nobody', () => check({ old: 'removed' }, 'new', undefined));

test('without a champion the task adapter serves, and a damaged one is told of', () =>
  withRegistry(
    ({ registry }) => {
      const server = createAdapterServer(registry);
      assert.equal(server.serving(key).name, 'task');
      assert.equal(server.serving(key).notice, undefined);
      const other = { ...key, baseDigest: 'base-2' };
      assert.deepEqual(server.serving(other), { name: 'base', file: undefined });
      writeFileSync(registry.taskAdapterOf(key.baseDigest)?.ggufPath ?? '', 'XX');
      assert.match(server.serving(key).notice ?? '', /the task adapter are missing or were changed/);
      assert.equal(server.serving(key).name, 'base');
    },
    { hasTask: true },
  ));

test('a rollback and a promotion count from the next request on', () =>
  withRegistry(async ({ registry, train, judge, nameOf }) => {
    const server = createAdapterServer(registry);
    const a = await train('a');
    judge(a, 'pass');
    registry.promote(key, a, byGate);
    assert.equal(nameOf(server.serving(key).name), 'a');
    registry.rollback(key, byPerson);
    assert.equal(server.serving(key).name, 'base');
  }));

test('a canary is served by its own name, or not at all when damaged', () =>
  withRegistry(async (fixture) => {
    const { registry, train, judge } = fixture;
    const server = createAdapterServer(registry);
    const a = await train('a');
    judge(a, 'pass');
    assert.equal(server.canary(key), undefined);
    registry.setCanary(key, a, byGate);
    assert.equal(server.canary(key)?.digest, a);
    damage(fixture, a, 'changed');
    assert.equal(server.canary(key), undefined);
    assert.equal(server.fileOf(key, a), 'damaged');
    assert.equal(server.fileOf(key, 'base'), undefined);
    assert.equal(server.fileOf(key, 'task'), 'damaged');
  }));

test('a file is read once, and again when it was touched', () =>
  withRegistry(async ({ store }) => {
    const { digest, ggufPath } = await store('a');
    const bytes = readFileSync(ggufPath);
    const verify = createVerifier();
    assert.equal(verify(ggufPath, digest), true);
    assert.equal(verify(ggufPath, digest), true);
    writeFileSync(ggufPath, 'b');
    assert.equal(verify(ggufPath, digest), false);
    writeFileSync(ggufPath, bytes);
    assert.equal(verify(ggufPath, digest), true);
    assert.equal(verify(`${ggufPath}.gone`, digest), false);
  }));
