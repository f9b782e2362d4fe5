/** Golden files: compares a text with the stored one, or stores it when UPDATE_GOLDEN=1. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', 'golden');

/** @throws AssertionError when the text differs, or when there is no stored text. */
export function checkGolden(name: string, actual: string): void {
  const path = join(root, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  assert.equal(
    actual,
    readFileSync(path, 'utf8'),
    `differs from test/golden/${name}; UPDATE_GOLDEN=1 rewrites it`,
  );
}
