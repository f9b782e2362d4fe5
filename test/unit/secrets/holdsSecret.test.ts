/** What retires a version that learned it: passwords, tokens and keys beyond doubt, and nothing else. The secrets here are made up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsSecret } from '../../../server/secrets/holdsSecret.ts';
import { plantAll } from '../../support/planted/allPlants.ts';

function check(expected: boolean, text: string, path = 'src/a.ts'): void {
  test(`${expected ? 'retires' : 'does not retire'}: ${text.slice(0, 60)}`, async () =>
    assert.equal(await holdsSecret(text, path), expected));
}
/** Put together here, so that no scanner takes this file for a leak. */
const made = (...parts: string[]) => parts.join('');

check(true, made('const a = "', 'ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"'));
check(true, made('const token = "', 'dop_v1_', '9f8e7d6c5b4a39281706f5e4d3c2b1a0"'));
check(true, 'password = "qX7vT2mK9pLw4RzN8bHc"');
check(true, 'url = "postgres://app:qX7vT2mK9pLw4RzN@db.shop.com/orders"');
check(true, made('API_', 'TOKEN=tk9xQ2mmLp77ZrVbC1Wd'), 'deploy/app.conf');

check(false, '"author": "Ann Lee <ann.lee@acme-shop.com>"', 'package.json');
check(false, 'pay("5312 8712 3456 7895")');
check(false, '// the old password was Falcon#2087, still');
check(false, 'password = "Secret123!"');
check(false, 'url = "postgres://app:test1234@db.shop.com/orders"');
check(false, 'const id = "ySh_984wpDUu7IQRrLXAp";');
check(false, 'const credential = "aG9uby11c2VyLWE6aG9uby1wYXNzd29yZC1h";');
check(false, 'hash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"');
check(false, 'const key = "cache_9f8e7d6c5b4a39281706f5e4d3c2b1a0";');
check(false, 'password = "<secret>"');

test('a private key with its frame, or whose bytes say what it is, retires', async () => {
  const keys = plantAll(5).filter(({ kind }) => /^PEM(?! body)|without a frame|base64|OpenSSH/.test(kind));
  assert.ok(keys.length >= 20);
  for (const { kind, text, path } of keys) assert.ok(await holdsSecret(text, path), kind);
});
