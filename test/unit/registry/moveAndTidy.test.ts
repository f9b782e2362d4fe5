/** Export, import, what a killed process left, and garbage: nothing that somebody needs is ever lost. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf } from '../../../server/base/digest.ts';
import type { IdiomError } from '../../../server/base/errors.ts';
import { listVersions } from '../../../server/registry/listVersions.ts';
import { exportVersion, importVersion } from '../../../server/registry/moveAdapters.ts';
import { collectGarbage, reconcile } from '../../../server/registry/tidyAdapters.ts';
import { byGate, key, withRegistry } from './registryFixture.ts';
import type { Fixture } from './registryFixture.ts';

const files = ['adapter.gguf', 'adapter_config.json', 'adapter_model.safetensors', 'lineage.json'];

test('an exported version comes back the same on another machine, and serves nobody there', () =>
  withRegistry(async ({ root, registry, train }) => {
    const a = await train('a');
    const folder = join(root, 'exported');
    await exportVersion(registry, a, folder);
    assert.deepEqual(readdirSync(folder).sort(), files);
    await withRegistry(async (elsewhere) => {
      const stored = await importVersion(elsewhere.registry, { folder, repoId: key.repoId });
      assert.equal(stored.digest, a);
      assert.equal(elsewhere.registry.find(key.repoId, a).sizeBytes > 0, true);
      assert.equal(elsewhere.registry.champion(key), 'base');
      assert.match(elsewhere.told()[0] ?? '', /^imported/);
      assert.deepEqual(readdirSync(elsewhere.registry.adaptersFolder), [a], 'nothing else is left');
    });
  }));

/** Exports, does `harm` to the folder, and expects that the import is refused. */
async function checkImport(harm: (folder: string) => void, words: RegExp): Promise<void> {
  await withRegistry(async ({ root, registry, train }) => {
    const folder = join(root, 'exported');
    await exportVersion(registry, await train('a'), folder);
    harm(folder);
    await withRegistry(async (elsewhere) => {
      await assert.rejects(importVersion(elsewhere.registry, { folder, repoId: key.repoId }), (error) => {
        assert.match((error as IdiomError).sentence, words);
        return true;
      });
      assert.deepEqual(elsewhere.ground.adapterVersions.all(), []);
      assert.equal(existsSync(elsewhere.registry.adaptersFolder), false);
    });
  });
}
for (const name of files.slice(0, 3)) {
  test(`an import with another ${name} is refused`, () =>
    checkImport((folder) => writeFileSync(join(folder, name), '{}'), new RegExp(`its ${name} was changed`)));
  test(`and one without`, () =>
    checkImport((folder) => rmSync(join(folder, name)), new RegExp(`its ${name} is missing`)));
}
test('an import without a lineage is refused', () =>
  checkImport((folder) => rmSync(join(folder, 'lineage.json')), /lineage\.json cannot be read/));
test('an import made for another repository is refused', () =>
  checkImport((folder) => {
    const path = join(folder, 'lineage.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"repo"', '"other"'));
  }, /learned another repository, Repo.*--foreign/));

test('an import whose weights are no adapter is refused', () =>
  checkImport((folder) => {
    const text = 'version https://git-lfs.github.com/spec/v1\noid sha256:6d28\n';
    writeFileSync(join(folder, 'adapter.gguf'), text);
    const path = join(folder, 'lineage.json');
    const { files: _files, ...lineage } = JSON.parse(readFileSync(path, 'utf8')) as { files: unknown };
    writeFileSync(path, JSON.stringify({ ...lineage, digest: digestOf(text) }));
  }, /adapter\.gguf is broken: it is a Git LFS pointer/));

test('a foreign version is taken in when that is wanted', () =>
  withRegistry(async ({ root, registry, train }) => {
    const folder = join(root, 'exported');
    await exportVersion(registry, await train('a', { repoId: 'other' }), folder);
    await withRegistry(async (elsewhere) => {
      await importVersion(elsewhere.registry, { folder, repoId: key.repoId, isForeignAllowed: true });
      assert.equal(elsewhere.ground.adapterVersions.all()[0]?.repoId, key.repoId);
    });
  }));

test('an export refuses a folder with something in it, and a damaged version', () =>
  withRegistry(async ({ root, registry, train }) => {
    const a = await train('a');
    const folder = join(root, 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'letter.txt'), 'Dear');
    await assert.rejects(exportVersion(registry, a, folder), /is not empty/);
    assert.deepEqual(readdirSync(folder), ['letter.txt']);
    writeFileSync(join(registry.adaptersFolder, a, 'adapter.gguf'), 'XX');
    await assert.rejects(exportVersion(registry, a, join(root, 'new')), /was changed on disk/);
    assert.equal(existsSync(join(root, 'new')), false);
  }));

test('a process that ended between file and row loses nothing', () =>
  withRegistry(async (fixture) => {
    const { registry, store, train, ground } = fixture;
    const orphan = await store('orphan');
    const gone = await train('gone');
    rmSync(join(registry.adaptersFolder, gone), { recursive: true });
    mkdirSync(join(registry.adaptersFolder, '0'.repeat(64)));
    const found = reconcile(registry);
    assert.deepEqual(found.adopted, [orphan.digest]);
    assert.deepEqual(found.missing, [gone]);
    assert.equal(found.broken.length, 1);
    assert.match(found.broken[0] ?? '', /lineage\.json cannot be read/);
    assert.equal(ground.adapterVersions.get(orphan.digest)?.repoId, key.repoId);
    assert.deepEqual(reconcile(registry).adopted, [], 'a second time there is nothing to do');
    assert.deepEqual(listVersions(registry, key.repoId)[0]?.notices, ['Its files are missing.']);
  }));

test('a process that ended while it deleted a version is finished for', () =>
  withRegistry(async ({ registry, train, ground, clock }) => {
    const a = await train('a');
    ground.adapterVersions.markCollected(a, clock.nowMs());
    reconcile(registry);
    assert.equal(existsSync(join(registry.adaptersFolder, a)), false);
    assert.deepEqual(reconcile(registry).missing, []);
  }));

test('a version that was stored again is whole again', () =>
  withRegistry(async ({ registry, train, ground, clock }) => {
    const a = await train('a');
    ground.adapterVersions.markCollected(a, clock.nowMs());
    writeFileSync(join(registry.adaptersFolder, a, 'adapter.gguf'), 'XX');
    await train('a');
    assert.equal(ground.adapterVersions.get(a)?.collectedAtMs, undefined);
    assert.equal(digestOf(readFileSync(join(registry.adaptersFolder, a, 'adapter.gguf'))), a);
  }));

const dayMs = 86_400_000;

/** Trains `a` to `e`, a day apart, does `moves`, waits a hundred days, collects, and tells whose files are left. */
async function checkGarbage(
  moves: (fixture: Fixture, digests: Readonly<Record<string, string>>) => void,
  expected: string,
): Promise<void> {
  await withRegistry(async (fixture) => {
    const digests: Record<string, string> = {};
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      digests[text] = await fixture.train(text);
      fixture.judge(digests[text], 'pass');
      fixture.clock.advance(dayMs);
    }
    moves(fixture, digests);
    collectGarbage(fixture.registry, { retentionMs: 90 * dayMs, keepNewest: 2 });
    const left = readdirSync(fixture.registry.adaptersFolder).map((digest) => fixture.nameOf(digest));
    assert.equal(left.sort().join(' '), expected);
    assert.equal(fixture.ground.adapterVersions.all().length, 5, 'rows stay');
  });
}
const later = (fixture: Fixture) => fixture.clock.advance(100 * dayMs);

test('within retention nothing is collected', () => checkGarbage(() => undefined, 'a b c d e'));
test('after it the newest stay', () => checkGarbage(later, 'd e'));
test('an alias protects', () =>
  checkGarbage((fixture, { a = '', b = '' }) => {
    fixture.registry.promote(key, a, byGate);
    fixture.judge(b, 'pass');
    fixture.registry.promote(key, b, byGate);
    later(fixture);
  }, 'a b d e'));
test('so does a young entry of the log', () =>
  checkGarbage((fixture, { c = '' }) => {
    later(fixture);
    const entry = { repoId: key.repoId, who: 'gate', what: 'refused', why: 'It is worse.' };
    fixture.registry.record({ ...entry, digest: c });
  }, 'c d e'));
test('a forgotten one goes at once, and makes room among the newest', () =>
  checkGarbage((fixture, { e = '' }) => {
    later(fixture);
    fixture.registry.markForgotten([e], 'Forgotten.');
  }, 'c d'));
test('a clock that jumped back collects nothing', () =>
  checkGarbage((fixture) => fixture.clock.advance(-10 * dayMs), 'a b c d e'));

test('versions are listed newest first, with aliases, verdict, lineage and notices', () =>
  withRegistry(async ({ registry, train, judge, nameOf }) => {
    const a = await train('a', { sources: { 'history fillIn': 3 }, parentDigest: 'p' });
    judge(a, 'pass');
    registry.promote(key, a, byGate);
    judge(await train('b'), 'refuse');
    registry.markForgotten([await train('c')], 'Something was forgotten.');
    const listed = listVersions(registry, key.repoId);
    const rows = listed.map(({ digest, aliases, verdict, notices }) => [
      ...[nameOf(digest), aliases.join(), verdict, notices.join()],
    ]);
    assert.deepEqual(rows, [
      ['c', '', undefined, 'Something was forgotten.'],
      ['b', '', 'refuse', 'It is not measurably better.'],
      ['a', 'champion', 'pass', ''],
    ]);
    assert.deepEqual(listed[2]?.sources, { 'history fillIn': 3 });
    assert.equal(listed[2]?.parentDigest, 'p');
    assert.deepEqual(listed[2]?.nllChange, { mean: -0.1, low: -0.2, high: -0.05 });
  }));
