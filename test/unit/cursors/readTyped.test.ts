/** Which contents people type. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTyped } from '../../../server/cursors/readTyped.ts';

for (const [name, content, expected] of [
  ['text', 'a = 1\r\nb = 2\n', 'a = 1\nb = 2\n'],
  ['a zero byte', 'a\0b', undefined],
  ['no UTF-8', Buffer.from('caf\xe9', 'latin1'), undefined],
  ['too much', 'x'.repeat(400_001), undefined],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:6d28\nsize 9\n', undefined],
] as const) {
  test(name, () => assert.equal(readTyped(Buffer.from(content)), expected));
}
