/** Secrets are found with their place and what stands around them, each once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecrets } from '../../../server/secrets/secretProbes.ts';

/** Put together here, so that no scanner takes this file for one with a secret in it. */
const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
const password = ['hunter', 'Gx81kQz0'].join('-');

test('known and assigned secrets are found at their places', async () => {
  const texts = [
    { path: 'a.sh', text: `#!/bin/sh\n\nexport TOKEN=${token}\necho hi\n` },
    { path: 'b.sh', text: `again ${token}\n` },
    { path: '.env', text: `DB_PASSWORD=${password}\n` },
    { path: 'c.ts', text: 'export const nothing = 1;\n' },
  ];
  const found = await findSecrets(texts, 9);
  assert.deepEqual(
    found.map(({ path, line, secret }) => [path, line, secret]),
    [
      ['a.sh', 3, token],
      ['.env', 1, password],
    ],
  );
  assert.match(found[0]?.prefix ?? '', /\nexport TOKEN=$/);
  assert.equal(found[0]?.suffix, '\necho hi\n');
  assert.equal((await findSecrets(texts, 1)).length, 1);
});

test('people and what is in doubt are not asked for', async () => {
  const texts = [
    { path: 'package.json', text: '{ "author": "Ann Lee <ann.lee@acme-shop.com>" }\n' },
    { path: 'pay.py', text: 'CARD = "5312 8712 3456 7895"\n' },
    { path: 'a.ts', text: '// the old password was Falcon#2087-River, still\n' },
    { path: 'b.ts', text: "const id = 'ySh_984wpDUu7IQRrLXAp';\n" },
    { path: 'c.ts', text: "const password = 'Falcon#2087-River';\n" },
  ];
  assert.deepEqual(
    (await findSecrets(texts, 9)).map(({ path }) => path),
    ['c.ts'],
  );
});
