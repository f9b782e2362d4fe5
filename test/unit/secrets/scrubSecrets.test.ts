/** What is taken out of texts before they are learned, and what is no secret. The secrets here are made up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDefaultScrubber } from '../../../server/secrets/defaultScrubber.ts';

async function check(text: string, expected: string, path = 'src/a.ts'): Promise<void> {
  assert.equal(await createDefaultScrubber()(text, path), expected);
}
/** Put together here, so that no scanner takes this file for a leak. */
const made = (...parts: string[]) => parts.join('');

test('keys of known services', async () => {
  const github = made('ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx');
  await check(`const a = "${github}";`, 'const a = "<secret>";');
});
test('a telling name never hides a token that is found without one', async () => {
  // Of random tokens, some whose random parts look little random by themselves.
  for (const token of [
    ['sdk-', '9523cbc0-167a-4373-a6f8-525f5781e4b3'],
    ['api-', '78ef0873-2304-4709-adfb-894fd859da42'],
  ]) {
    const text = made(...token);
    await check(`const x = '${text}';`, "const x = '<secret>';");
    await check(`const apiKey = '${text}';`, "const apiKey = '<secret>';");
  }
});
test('services that put their sign before a UUID', async () => {
  const uuid = '3ca8816f-4f36-4ec7-a356-384d90714ae2';
  for (const sign of ['pat-na1-', 'pat-eu1-', 'access-production-', 'access-sandbox-', 'HRKU-'])
    await check(`connect("${made(sign, uuid)}")`, 'connect("<secret>")');
  for (const sign of ['', 'urn:uuid:', 'access-', 'node-', 'path-na1-'])
    await check(`connect("${sign}${uuid}")`, `connect("${sign}${uuid}")`);
});
test('a UUID is a secret where a name says so, and not where it names one', async () => {
  const uuid = '3ca8816f-4f36-4ec7-a356-384d90714ae2';
  for (const name of ['_authToken=', 'HEROKU_API_KEY=', 'client_secret = "', '"apiKey": "', 'token("'])
    await check(name + uuid, `${name}<secret>`, 'a.conf');
  for (const name of ['id = "', 'tokenId = "', 'api_key_id: ', '"key": "', 'author: "', 'keyboard = "'])
    await check(name + uuid, name + uuid, 'a.conf');
});
test('32 bytes in hexadecimal are a key beside what signs with one, and elsewhere a hash', async () => {
  const bytes = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0';
  for (const start of ['new Wallet("', 'accounts: ["', 'signer = load("'])
    await check(`${start}0x${bytes}")`, `${start}<secret>")`);
  for (const start of [
    'wallet.find("a"); run("',
    'accounts = { stateRoot: "',
    'walletHash = "',
    'account: { address: "',
    'block("',
  ])
    await check(`${start}0x${bytes}")`, `${start}0x${bytes}")`);
});
test('all of a statement is looked at, and nothing behind it', async () => {
  for (const [text, expected] of [
    ['password = a ? f() : "Tr0ub4dor&3x"', 'password = a ? f() : "<secret>"'],
    ['password = a ? "Tr0ub4dor&3x" : "P4nther!6kq"', 'password = a ? "<secret>" : "<secret>"'],
    ['password = "Ab3" + "Tr0ub4dor&3x"', 'password = "<secret>"'],
    ['user, password = "joe", "Tr0ub4dor&3x"', 'user, password = "joe", "<secret>"'],
  ] as const)
    await check(text, expected);
  for (const text of [
    'password = f(); x = "Tr0ub4dor&3x"',
    'x = { password: f, id: "Tr0ub4dor&3x" }',
    'password = a ? f() : "passwordField"',
    'password = f()\nrun("Tr0ub4dor&3x")',
  ])
    await check(text, text);
});
test('a table tells by its head what is a password', async () => {
  const table = (head: string, cell: string) =>
    `| user | ${head} |\n|---|:--|\n| joe | ${cell} |\n\n| a | b |`;
  await check(table('Password', '`Tr0ub4dor&3x`'), table('Password', '`<secret>`'), 'a.md');
  await check(table('Password', 'at least 8'), table('Password', 'at least 8'), 'a.md');
  await check(table('Sign', 'Tr0ub4dor&3x'), table('Sign', 'Tr0ub4dor&3x'), 'a.md');
});
test('words that are joined are a password, unless they name something in code', async () => {
  await check('a: 1\npassword: correct-horse-battery\n', 'a: 1\n<secret>\n', 'a.yml');
  for (const word of ['login-form-error', 'current-horse', 'enter-your-horse-battery', 'min-eight-letters'])
    await check(`password: ${word}`, `password: ${word}`, 'a.yml');
});
test('a key block keeps its line count', async () => {
  const body = 'MIIEowIBAAKCAQEA7bq8'.repeat(4);
  const block = made(
    '-----BEGIN RSA PRIVATE',
    ` KEY-----\n${body}\n${body}\n`,
    '-----END RSA PRIVATE KEY-----',
  );
  await check(`a\n${block}\nb`, 'a\n<secret>\n\n\n\nb');
});

test('a bare value in a file of settings, not in code', async () => {
  await check('API_TOKEN=tk9xQ2mmLp77ZrVbC1', 'API_TOKEN=<secret>', 'deploy/app.conf');
  await check('api_token = makeToken2forUser', 'api_token = makeToken2forUser', 'a.py');
});

for (const [text, expected] of [
  ['password = "hunter2go4it"', 'password = "<secret>"'],
  ["const apiKey: string = 'q8Zr51LmPw0xTb';", "const apiKey: string = '<secret>';"],
  ['{ "clientSecret": "9f8e7d6c5b4a39281706f5e4" }', '{ "clientSecret": "<secret>" }'],
  ['setHeader("token", "Zx81QpLm55TtRr")', 'setHeader("token", "<secret>")'],
  ['SECRET_KEY := "aGVsbG93b3JsZDEyMw"', 'SECRET_KEY := "<secret>"'],
  ['password = "correct horse battery staple"', 'password = "<secret>"'],
  ['mail("ann.lee@acme-shop.com")', 'mail("<secret>")'],
  ['pay("5312 8712 3456 7895")', 'pay("<secret>")'],
] as const) {
  test(`a secret: ${text}`, () => check(text, expected));
}

for (const text of [
  'token = "your-token-here-123456"',
  'const token = "identifier";',
  'token = process.env.TOKEN_2',
  'apiKey: "EXAMPLE12345678"',
  'const keyPath = "./keys/server1.pem";',
  'password = "${PASSWORD_2}"',
  'url = "http://user:pass@host/"',
  'url = "https://img.host/u/4TyzHTaYWb1GX1qTfsHhEqV6HUD"',
  'mail("ann@example.com", "git@github.com", "noreply@acme.io")',
  'pay("4111 1111 1111 1111", 5312871234567898)',
  '// hash the password with SHA-256 before it is stored',
  'commit = "d6cd1e2bd19e03a81132a23b2025920577f84e37"',
  'const primaryKey = "user_id";',
  'key := "int16-slice"',
  'key := "user_2_profile_11"',
  'case("Token", "{t=read-12}")',
  'token: "punctuation.definition.string"',
]) {
  test(`no secret: ${text}`, () => check(text, text));
}

test('a line that may hold a secret is taken out whole', async () => {
  await check('run();\n  // the old password was Falcon#2087, still\nend();', 'run();\n<secret>\nend();');
});

test('a comment is one in a diff, too', async () => {
  for (const sign of ['+', '-', ''])
    await check(`${sign}# the old password was Falcon#2087, still\nrun()`, '<secret>\nrun()', 'a.py');
});

test('letters alone, in an order that no word has, beside a telling name', async () => {
  await check('a: 1\npassword: nFlZEYVSrlaU\nb: 2', 'a: 1\n<secret>\nb: 2', 'a.yml');
  await check('const password = "qzkwvbtr";', 'const password = "<secret>";');
  for (const word of [
    'keycloak',
    'Kubernetes',
    'hunterkiller',
    'postgresql',
    'XMLHttpRequest',
    'userPassword',
  ])
    await check(`password: ${word}`, `password: ${word}`, 'a.yml');
  await check('password = nFlZEYVSrlaU', 'password = nFlZEYVSrlaU');
});

test('a comment in the text does not switch the search off', async () => {
  const token = made('glpat-', 'Qm7g05Nbz4LA8RIb91cr');
  for (const directive of ['secretlint-disable', 'secretlint-disable-line', 'secretlint-enable']) {
    await check(
      `// ${directive}\nx = "${token}" // ${directive}`,
      `// ${directive}\nx = "<secret>" // ${directive}`,
    );
  }
});

test('a byte-order mark moves nothing', async () => {
  const token = made('ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx');
  await check(`\ufeffx = "${token}"`, '\ufeffx = "<secret>"');
});
