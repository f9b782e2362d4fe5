/** Which texts are only pointers to content that is kept elsewhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStandIn } from '../../../server/git/standIn.ts';

const id = '6d28c587db821f6a0efa5ea7d26dc47bbcfb4768314cd2feabbda5f05cb39676';
const lfs = `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize 123456\n`;
const key = `SHA256E-s1234--${id}.bin`;

for (const [name, text, expected] of [
  ['Git LFS', lfs, true],
  ['Git LFS with CRLF', lfs.replaceAll('\n', '\r\n'), true],
  ['Git LFS under its first name', lfs.replace('git-lfs', 'hawser'), true],
  ['Git LFS with an extension', lfs.replace('oid', `ext-0-foo sha256:${id}\noid`), true],
  ['git-annex, unlocked', `/annex/objects/${key}\n`, true],
  ['git-annex, locked, where links are text', `../.git/annex/objects/Jx/7W/${key}/${key}`, true],
  ['a link as text', '../shared/config.py', true],
  ['a link as text, absolute', '/opt/tool/config', true],
  ['a version', '1.2.3', false],
  ['a version with a line end', '1.2.3\n', false],
  ['one path and a line end, such as a manifest', 'src/a.ts\n', false],
  ['an address', 'https://example.org/a', false],
  ['two words', 'src/a.ts src/b.ts', false],
  ['text about LFS', `# ${lfs}`, false],
  ['a beginning only', 'version https://git-lfs.github.com/spec/v1\n', false],
  ['code that names the annex', 'x = "/annex/objects/"\n', false],
  ['nothing', '', false],
] as const) {
  test(`${name}: ${expected}`, () => assert.equal(isStandIn(text), expected));
}
