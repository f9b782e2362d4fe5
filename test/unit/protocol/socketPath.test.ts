/** The daemon's address as a table: each row is an environment and the path that must come of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxSocketPathBytes, socketPath } from '../../../protocol/socketPath.ts';
import type { SocketPathInputs } from '../../../protocol/socketPath.ts';

const linux: SocketPathInputs = {
  env: {},
  platform: 'linux',
  uid: 1000,
  tmpDir: '/tmp',
  homeDir: '/home/ada',
};
const windows: SocketPathInputs = {
  env: {},
  platform: 'win32',
  uid: undefined,
  tmpDir: 'C:\\Temp',
  homeDir: 'C:\\Users\\Ada',
};

function check(inputs: SocketPathInputs, expected: string | RegExp): void {
  const path = socketPath(inputs);
  if (typeof expected === 'string') assert.equal(path, expected);
  else assert.match(path, expected);
  if (inputs.platform !== 'win32') assert.ok(Buffer.byteLength(path) <= maxSocketPathBytes, path);
}

const long = `/${'a'.repeat(120)}`;
const rows: readonly [name: string, inputs: SocketPathInputs, expected: string | RegExp][] = [
  ['bare', linux, '/tmp/idiom-1000/idiomd.sock'],
  ['macOS', { ...linux, platform: 'darwin', tmpDir: '/var/T/' }, '/var/T/idiom-1000/idiomd.sock'],
  [
    'runtime folder',
    { ...linux, env: { XDG_RUNTIME_DIR: '/run/user/1000' } },
    '/run/user/1000/idiom/idiomd.sock',
  ],
  ['empty runtime folder', { ...linux, env: { XDG_RUNTIME_DIR: '' } }, '/tmp/idiom-1000/idiomd.sock'],
  [
    'IDIOM_HOME wins',
    { ...linux, env: { IDIOM_HOME: '/data/idiom/', XDG_RUNTIME_DIR: '/run/user/1000' } },
    '/data/idiom/run/idiomd.sock',
  ],
  ['empty IDIOM_HOME', { ...linux, env: { IDIOM_HOME: '' } }, '/tmp/idiom-1000/idiomd.sock'],
  ['long IDIOM_HOME', { ...linux, env: { IDIOM_HOME: long } }, /^\/tmp\/idiom-1000\/[0-9a-f]{16}\.sock$/],
  [
    'bytes count, not letters',
    { ...linux, env: { IDIOM_HOME: `/${'é'.repeat(45)}` } },
    /^\/tmp\/idiom-1000\/[0-9a-f]{16}\.sock$/,
  ],
  ['long temporary folder', { ...linux, tmpDir: long }, /^\/tmp\/idiom-1000\/[0-9a-f]{16}\.sock$/],
  ['Windows', windows, /^\\\\\.\\pipe\\idiomd-[0-9a-f]{16}$/],
];
for (const [name, inputs, expected] of rows) test(name, () => check(inputs, expected));

test('two long homes have two sockets', () => {
  const other = socketPath({ ...linux, env: { IDIOM_HOME: `${long}b` } });
  assert.notEqual(socketPath({ ...linux, env: { IDIOM_HOME: long } }), other);
});

test('a Windows path is the same in either spelling', () => {
  const spelled = { ...windows, env: { IDIOM_HOME: 'c:/users/ada/' } };
  assert.equal(socketPath(spelled), socketPath(windows));
});
