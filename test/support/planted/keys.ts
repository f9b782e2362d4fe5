/** Private keys in every layout in which they have been seen in repositories. Their bytes are drawn; the frame is that of the real thing. */

import type { Draw, Kind } from './plant.ts';
import { s } from './plant.ts';

/** DER of the beginning of each form of key (RFC 8017, RFC 5915, RFC 5958), then drawn bytes. */
const heads = {
  RSA: '308204a40201000282010100',
  EC: '30770201010420',
  DSA: '308201bb0201000281810',
  PKCS8: '308204be020100300d06092a864886f70d0101010500048204a8',
  ED25519: '302e020100300506032b657004220420',
  ENCRYPTED: '308204e6304006092a864886f70d01050d3033',
} as const;
const sizes = { RSA: 1192, EC: 121, DSA: 447, PKCS8: 1218, ED25519: 48, ENCRYPTED: 1250 } as const;

function der(draw: Draw, form: keyof typeof heads): Buffer {
  const head = Buffer.from(heads[form], 'hex');
  return Buffer.concat([head, draw.bytes(sizes[form] - head.length)]);
}

function lines(base64: string, width = 64): string[] {
  return base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
}

const dash = '-----';
const title = (form: string) =>
  form === 'PKCS8' || form === 'ED25519' ? 'PRIVATE KEY' : `${form} PRIVATE KEY`;

function pem(
  draw: Draw,
  form: keyof typeof heads,
): { readonly head: string; readonly body: string[]; readonly foot: string } {
  const name = title(form);
  return {
    head: `${dash}BEGIN ${name}${dash}`,
    body: lines(der(draw, form).toString('base64')),
    foot: `${dash}END ${name}${dash}`,
  };
}

type Dress = (each: { head: string; body: string[]; foot: string }) => string;
const plain: Dress = ({ head, body, foot }) => `${head}\n${s(body.join('\n'))}\n${foot}\n`;

function kind(name: string, path: string, form: keyof typeof heads, dress: Dress): Kind {
  return { name, path, write: (draw) => dress(pem(draw, form)) };
}

const openSsh = (draw: Draw) =>
  lines(
    Buffer.concat([Buffer.from('openssh-key-v1\0\0\0\0\x04none'), draw.bytes(380)]).toString('base64'),
    70,
  );
const list = (bytes: Buffer, write: (byte: number) => string, perLine = 12) =>
  lines(Array.from(bytes, write).join('\u0001'), 10_000)
    .join('')
    .split('\u0001')
    .map((each, i) => each + (i === bytes.length - 1 ? '' : i % perLine === perLine - 1 ? ',\n  ' : ', '))
    .join('');
const hexByte = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`;
const words =
  'abandon ability absent absorb abstract absurd account acid acoustic acquire across action actor actual adapt adult advance advice aerobic afford agent agree ahead airport aisle alarm album alcohol alert alien already alter always amateur amazing among amount amused analyst anchor ancient anger angle animal ankle annual antenna antique anxiety apart apple arctic arena armor army arrest arrive arrow artist artwork aspect asset assist assume asthma athlete atom attack attend auction audit august aunt author autumn average avocado awake aware awesome awful awkward bacon badge balance balcony bamboo banana banner barrel'.split(
    ' ',
  );
const mnemonic = (draw: Draw, n: number, glue = ' ') => draw.random.shuffle(words).slice(0, n).join(glue);

export const keyKinds: readonly Kind[] = [
  kind('PEM, RSA', 'deploy/key', 'RSA', plain),
  kind('PEM, EC', 'deploy/deploy_key', 'EC', plain),
  kind('PEM, DSA', 'old/dsa', 'DSA', plain),
  kind('PEM, PKCS 8', 'conf/tls.txt', 'PKCS8', plain),
  kind('PEM, Ed25519', 'conf/ed', 'ED25519', plain),
  kind('PEM, encrypted', 'conf/enc', 'ENCRYPTED', plain),
  kind(
    'PEM, old encryption',
    'conf/old',
    'RSA',
    ({ head, body, foot }) =>
      `${head}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F1E2D3C4B5A69788796A5B4C3D2E1F0\n\n${s(body.join('\n'))}\n${foot}\n`,
  ),
  kind(
    'PEM in a template literal',
    'src/key.ts',
    'RSA',
    ({ head, body, foot }) => `export const pem = \`${head}\n${s(body.join('\n'))}\n${foot}\`;\n`,
  ),
  kind(
    'PEM in a Python string',
    'app/key.py',
    'PKCS8',
    ({ head, body, foot }) => `KEY = """${head}\n${s(body.join('\n'))}\n${foot}"""\n`,
  ),
  kind(
    'PEM, indented',
    'k8s/secret.yaml',
    'RSA',
    ({ head, body, foot }) =>
      `stringData:\n  tls.key: |\n    ${head}\n${s(body.map((each) => `    ${each}`).join('\n'))}\n    ${foot}\n`,
  ),
  kind(
    'PEM with CRLF',
    'win/key.txt',
    'EC',
    ({ head, body, foot }) => `${head}\r\n${s(body.join('\r\n'))}\r\n${foot}\r\n`,
  ),
  kind(
    'PEM on one line',
    '.github/env.json',
    'RSA',
    ({ head, body, foot }) => `{"id": 1, "pem": "${head}\\n${s(body.join('\\n'))}\\n${foot}\\n"}\n`,
  ),
  kind(
    'PEM in added strings',
    'src/Key.java',
    'PKCS8',
    ({ head, body, foot }) =>
      `String pem = "${head}\\n"\n${s(body.map((each) => `    + "${each}\\n"`).join('\n'))}\n    + "${foot}\\n";\n`,
  ),
  kind(
    'PEM in C strings',
    'src/key.c',
    'EC',
    ({ head, body, foot }) =>
      `static const char pem[] =\n  "${head}\\n"\n${s(body.map((each) => `  "${each}\\n"`).join('\n'))}\n  "${foot}\\n";\n`,
  ),
  kind(
    'PEM in an array',
    'src/key.js',
    'RSA',
    ({ head, body, foot }) =>
      `const pem = [\n  '${head}',\n${s(body.map((each) => `  '${each}',`).join('\n'))}\n  '${foot}',\n].join('\\n');\n`,
  ),
  kind(
    'PEM in a block comment',
    'src/a.go',
    'RSA',
    ({ head, body, foot }) =>
      `/*\n * ${head}\n${s(body.map((each) => ` * ${each}`).join('\n'))}\n * ${foot}\n */\n`,
  ),
  kind(
    'PEM in line comments',
    'scripts/a.sh',
    'EC',
    ({ head, body, foot }) => `# ${head}\n${s(body.map((each) => `# ${each}`).join('\n'))}\n# ${foot}\n`,
  ),
  kind(
    'PEM in a diff',
    'fix.patch',
    'RSA',
    ({ head, body, foot }) =>
      `@@ -1,0 +1,9 @@\n+${head}\n${s(body.map((each) => `+${each}`).join('\n'))}\n+${foot}\n`,
  ),
  kind(
    'PEM without its end',
    'src/cut.py',
    'RSA',
    ({ head, body }) => `x = '''${head}\n${s(body.slice(0, 9).join('\n'))}\n`,
  ),
  kind(
    'PEM without its beginning',
    'src/cut.ts',
    'RSA',
    ({ body, foot }) => `${s(body.slice(3).join('\n'))}\n${foot}\n\`;\nrun();\n`,
  ),
  kind('PEM body alone', 'notes/body.txt', 'RSA', ({ body }) => `${s(body.slice(2, 12).join('\n'))}\n`),
  kind('key without a frame', 'src/raw.ts', 'RSA', ({ body }) => `const x = '${s(body.join(''))}';\n`),
  kind('key without a frame, PKCS 8', 'app/raw.py', 'PKCS8', ({ body }) => `VALUE = "${s(body.join(''))}"\n`),
  kind('EC key without a frame', 'app/ec.rb', 'EC', ({ body }) => `VALUE = "${s(body.join(''))}"\n`),
  kind(
    'base64 of the whole',
    'k8s/tls.yaml',
    'RSA',
    ({ head, body, foot }) =>
      `data:\n  file: ${s(Buffer.from(`${head}\n${body.join('\n')}\n${foot}\n`).toString('base64'))}\n`,
  ),
  {
    name: 'OpenSSH',
    path: 'deploy/id',
    write: (d) =>
      `${dash}BEGIN OPENSSH PRIVATE KEY${dash}\n${s(openSsh(d).join('\n'))}\n${dash}END OPENSSH PRIVATE KEY${dash}\n`,
  },
  { name: 'OpenSSH without a frame', path: 'src/ssh.go', write: (d) => `x := "${s(openSsh(d).join(''))}"\n` },
  {
    name: 'PGP',
    path: 'keys/me.txt',
    write: (d) =>
      `${dash}BEGIN PGP PRIVATE KEY BLOCK${dash}\nVersion: GnuPG v2\n\n${s(lines(d.b64(640)).join('\n'))}\n=${d.b64(4)}\n${dash}END PGP PRIVATE KEY BLOCK${dash}\n`,
  },
  {
    name: 'PuTTY',
    path: 'keys/me.ppk2',
    write: (d) =>
      `PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: me\nPrivate-Lines: 8\n${s(lines(d.b64(512)).join('\n'))}\nPrivate-MAC: ${d.hex(40)}\n`,
  },
  {
    name: 'bytes in hexadecimal',
    path: 'src/key.h',
    write: (d) => `static const unsigned char x[] = {\n  ${s(list(der(d, 'EC'), hexByte))}\n};\n`,
  },
  {
    name: 'bytes in decimal',
    path: 'src/key.rs',
    write: (d) => `const PRIVATE_KEY: [u8; 64] = [\n  ${s(list(d.bytes(64), String))}\n];\n`,
  },
  {
    name: 'wallet file',
    path: 'wallet/id.json',
    write: (d) => `[${s(Array.from(d.bytes(64)).join(','))}]\n`,
  },
  { name: 'Ethereum key', path: 'src/eth.ts', write: (d) => `const privateKey = '0x${s(d.hex(64))}';\n` },
  {
    name: 'EC key in hexadecimal',
    path: 'app/hex.py',
    write: (d) => `k = "${s(der(d, 'EC').toString('hex'))}"\n`,
  },
  {
    name: 'RSA key in hexadecimal',
    path: 'src/hex.js',
    write: (d) => `const x = '${s(der(d, 'RSA').toString('hex').toUpperCase())}';\n`,
  },
  {
    name: 'Ed25519 key in hexadecimal',
    path: 'src/hex.go',
    write: (d) => `x := "${s(der(d, 'ED25519').toString('hex'))}"\n`,
  },
  {
    name: 'Ethereum wallet',
    path: 'src/eth2.ts',
    write: (d) => `const w = new ethers.Wallet("0x${s(d.hex(64))}", provider);\n`,
  },
  {
    name: 'Ethereum accounts',
    path: 'hardhat.config.js',
    write: (d) => `  accounts: [\n    "0x${d.hex(64)}",\n    "${s(d.hex(64))}",\n  ],\n`,
  },
  {
    name: 'Ethereum signer',
    path: 'app/eth.py',
    write: (d) => `signer = load("0x${s(d.hex(64))}")\n`,
  },
  {
    name: 'last line of a body alone',
    path: 'notes/last.txt',
    write: (d) => `${lines(d.b64(640)).join('\n')}\n${s(`${d.b64(14)}==`)}\n`,
  },
  {
    name: 'last line of a PEM without its end',
    path: 'src/last.py',
    write: (d) =>
      `x = '''${dash}BEGIN RSA PRIVATE KEY${dash}\n${pem(d, 'RSA').body.slice(0, 4).join('\n')}\n${s(`${d.b64(14)}==`)}\n'''\n`,
  },
  {
    name: 'JSON Web Key',
    path: 'src/jwk.json',
    write: (d) => `{"kty": "EC", "crv": "P-256", "x": "abc", "d": "${s(d.url(43))}"}\n`,
  },
  {
    name: 'age',
    path: 'conf/age.txt',
    write: (d) => `# created: today\n${s(`AGE-SECRET-KEY-1${d.upper(58)}`)}\n`,
  },
  {
    name: 'WireGuard',
    path: 'conf/wg0.conf',
    write: (d) => `[Interface]\nPrivateKey = ${s(`${d.b64(42)}A=`)}\nAddress = 10.0.0.1/24\n`,
  },
  {
    name: 'WireGuard, shared',
    path: 'conf/wg1.conf',
    write: (d) => `[Peer]\nPresharedKey = ${s(`${d.b64(42)}A=`)}\n`,
  },
  {
    name: 'mnemonic of twelve',
    path: 'src/wallet.ts',
    write: (d) => `const mnemonic = '${s(mnemonic(d, 12))}';\n`,
  },
  { name: 'mnemonic of twenty-four', path: 'test/wallet.py', write: (d) => `x = "${s(mnemonic(d, 24))}"\n` },
  {
    name: 'mnemonic in a list',
    path: 'src/words.js',
    write: (d) => `const seed = ["${s(mnemonic(d, 12, '", "'))}"];\n`,
  },
  { name: 'TOTP seed', path: 'src/totp.ts', write: (d) => `const totpSecret = '${s(d.b32(32))}';\n` },
  {
    name: 'TOTP address',
    path: 'docs/login.md',
    write: (d) => `Scan otpauth://totp/Shop:ann?secret=${s(d.b32(16))}&issuer=Shop first.\n`,
  },
];
