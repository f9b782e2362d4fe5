/** Bytes of files and folders. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sizeOnDisk } from '../../../server/base/sizeOnDisk.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-size-'));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'inner'));
writeFileSync(join(folder, 'a'), '12345');
writeFileSync(join(folder, 'inner', 'b'), '123');

for (const [paths, expected] of [
  [[], 0],
  [['a'], 5],
  [['inner'], 3],
  [[''], 8],
  [['a', 'inner/b'], 8],
  [['gone', 'a'], 5],
] as const) {
  test(`${paths.join(', ') || 'nothing'}: ${expected} bytes`, () =>
    assert.equal(sizeOnDisk(...paths.map((path) => join(folder, path))), expected));
}
