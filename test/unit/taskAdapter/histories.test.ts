/** The list of histories, and how versions of a package become commits. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makeHistory } from '../../../scripts/taskAdapter/makeHistory.ts';
import { readHistoryList, readPackageList } from '../../../scripts/taskAdapter/packageList.ts';
import { runGit } from '../../../server/git/runGit.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

test('every archive has its digest, and no package that is only measured on is learned', () => {
  const list = readHistoryList();
  const unknown = list.filter((each) => each.versions.some((version) => version.sha256 === ''));
  assert.deepEqual(unknown, []);
  const heldOut = readPackageList().filter((each) => each.use === 'heldOut');
  const names = new Set(list.map((each) => each.name));
  assert.deepEqual(
    heldOut.filter((each) => names.has(each.name)),
    [],
  );
});

type Version = Readonly<Record<string, string>>;

/** @param expected what each commit after the first adds, as `PATH: LINE`. */
async function check(versions: readonly Version[], expected: readonly (readonly string[])[]): Promise<void> {
  const folder = temporaryFolder();
  try {
    const folders = versions.map((files, i) => {
      for (const [path, text] of Object.entries(files)) {
        const file = join(folder, String(i), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      return join(folder, String(i));
    });
    const target = join(folder, 'history');
    mkdirSync(target);
    writeFileSync(join(target, 'left.md'), 'of an earlier call\n');
    makeHistory(folders, target);
    const log = execFileSync('git', ['log', '--reverse', '--format=%x00', '-p', '--unified=0'], {
      cwd: target,
    });
    const [, first, ...later] = log.toString().split('\0');
    assert(!first?.includes('left.md'));
    assert.deepEqual(later.map(addedBy), expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function addedBy(diff: string): string[] {
  let path = '';
  const added: string[] = [];
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ ')) path = line.slice('+++ b/'.length);
    else if (line.startsWith('+')) added.push(`${path}: ${line.slice(1)}`);
  }
  return added;
}

test('a version is a commit on top of the one before', () =>
  check(
    [{ 'a.py': 'one\n' }, { 'a.py': 'one\ntwo\n', 'docs/b.md': 'b\n' }, { 'a.py': 'one\ntwo\nthree\n' }],
    [['a.py: two', 'docs/b.md: b'], ['a.py: three']],
  ));
test('what is ignored, built, declared or no text stays out, except that an ignore file hides nothing', () =>
  check(
    [
      { '.gitignore': 'a.ts\n' },
      { 'a.ts': 'a\n', 'dist/a.js': 'built\n', 'a.d.ts': 'declared\n', 'a.png': 'pixels\n' },
    ],
    [['a.ts: a']],
  ));
test('the same versions give the same commits, whenever and wherever', async () => {
  const folder = temporaryFolder();
  try {
    mkdirSync(join(folder, '1'));
    writeFileSync(join(folder, '1', 'a.py'), 'one\n');
    const target = join(folder, 'history');
    makeHistory([join(folder, '1')], target);
    const head = await runGit(['rev-parse', 'HEAD'], { cwd: target });
    assert.equal(String(head).trim(), 'ebb4d666aa53f72ce5ba5cbfcca65d3e49df4785');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
test('a licence above the code is not what people type', () =>
  check([{ 'a.go': 'package a\n' }, { 'b.go': '// Copyright X.\n\npackage b\n' }], [['b.go: package b']]));
