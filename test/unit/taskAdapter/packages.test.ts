/** The list of packages, and what counts as their licence and as their text. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkLicence } from '../../../scripts/taskAdapter/checkLicence.ts';
import { languageOf, languages, readPackageList } from '../../../scripts/taskAdapter/packageList.ts';
import type { SourcePackage } from '../../../scripts/taskAdapter/packageList.ts';
import { withoutLicence } from '../../../scripts/taskAdapter/readSources.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

test('each language has packages to train on and others to measure on, all with digests', () => {
  const list = readPackageList();
  for (const language of languages) {
    const uses = list.filter((each) => each.languages.includes(language)).map((each) => each.use);
    assert.deepEqual([...new Set(uses)].sort(), ['heldOut', 'training'], language);
  }
  assert.deepEqual(
    list.filter((each) => each.sha256 === ''),
    [],
  );
  assert.equal(new Set(list.map((each) => each.name)).size, list.length);
});

const mit = 'MIT License\n\nPermission is hereby granted, free\nof charge, to any person';
const apache = '                 Apache License\n           Version 2.0, January 2004\n';

function check(
  licence: SourcePackage['licence'],
  files: Readonly<Record<string, string>>,
  error?: RegExp,
): void {
  const folder = temporaryFolder();
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const each = { ...(readPackageList()[0] as SourcePackage), licence };
    if (error === undefined) assert(checkLicence(folder, each).length > 0);
    else assert.throws(() => checkLicence(folder, each), error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
test('a licence file says what the list says', () => check('MIT', { LICENSE: mit }));
test('in META-INF of a jar', () => check('Apache-2.0', { 'META-INF/LICENSE.txt': apache }));
test('in a wheel', () => check('MIT', { 'a-1.dist-info/licenses/LICENSE': mit }));
test('one of two licences is enough', () => check('MIT OR Apache-2.0', { 'LICENSE-APACHE': apache }));
test('another licence', () => check('MIT', { LICENSE: apache }, /no licence file says MIT/));
test('no licence file', () => check('MIT', { 'src/LICENSE': mit }, /no licence file/));
test('a second licence that is not permissive', () =>
  check('MIT', { LICENSE: mit, COPYING: 'GNU General Public License' }, /not permissive/));

test('declarations and other languages are not read', () => {
  assert.equal(languageOf('src/a.ts', ['TypeScript']), 'TypeScript');
  assert.equal(languageOf('src/a.d.ts', ['TypeScript']), undefined);
  assert.equal(languageOf('a.py', ['TypeScript']), undefined);
});

test('licence headers go, other comments stay', () => {
  assert.equal(withoutLicence('/* Licensed to you. */\n\npackage a;\n'), 'package a;\n');
  assert.equal(withoutLicence('// Copyright X.\n// Rest.\n\npackage a\n'), 'package a\n');
  assert.equal(withoutLicence('/** What it is. */\nclass A {}\n'), '/** What it is. */\nclass A {}\n');
});
