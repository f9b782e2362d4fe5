/** Where a Chromium is looked for, and in which order. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findChromium } from '../../../scripts/codeServer/chromium.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

/** `programs`: path -> mode, below one folder. `found` is relative to it. */
function check(
  programs: Readonly<Record<string, number>>,
  path: readonly string[],
  found: string | undefined,
  chromePath?: string,
): void {
  const root = temporaryFolder();
  try {
    for (const [name, mode] of Object.entries(programs)) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      writeFileSync(join(root, name), '');
      chmodSync(join(root, name), mode);
    }
    const env = { PATH: path.map((folder) => join(root, folder)).join(':'), CHROME_PATH: chromePath };
    assert.equal(findChromium(env)?.replace(`${root}/`, ''), found);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('on the path', () => check({ 'b/chromium': 0o755 }, ['a', 'b'], 'b/chromium'));
test('Chromium before Chrome, wherever they lie', () =>
  check({ 'a/google-chrome': 0o755, 'b/chromium': 0o755 }, ['a', 'b'], 'b/chromium'));
test('Edge will do', () => check({ 'a/microsoft-edge': 0o755 }, ['a'], 'a/microsoft-edge'));
test('a file that is no program is passed over', () =>
  check({ 'a/chromium': 0o644, 'b/chromium': 0o755 }, ['a', 'b'], 'b/chromium'));
test('CHROME_PATH wins', () => check({ 'a/chromium': 0o755 }, ['a'], '/opt/chrome', '/opt/chrome'));
test('an empty CHROME_PATH counts as none', () => check({ 'a/chromium': 0o755 }, ['a'], 'a/chromium', ''));
