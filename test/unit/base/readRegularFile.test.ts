/** What is read, and what is refused without waiting: the test would hang on the pipe otherwise. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRegularFile } from '../../../server/base/readRegularFile.ts';
import type { ReadLimits } from '../../../server/base/readRegularFile.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const fill: Readonly<Record<string, (path: string) => void>> = {
  text: (path) => writeFileSync(path, 'hello'),
  empty: (path) => writeFileSync(path, ''),
  folder: (path) => mkdirSync(path),
  pipe: (path) => void execFileSync('mkfifo', [path]),
  // 500 MB that take no room.
  sparse: (path) => (writeFileSync(path, ''), truncateSync(path, 5e8)),
  'link to text': (path) => (writeFileSync(`${path}.target`, 'hello'), symlinkSync(`${path}.target`, path)),
  'link to itself': (path) => symlinkSync(path, path),
  'link to nothing': (path) => symlinkSync(`${path}.none`, path),
  'link to a device': (path) => symlinkSync('/dev/zero', path),
};

function check(kind: string, expected: string, limits: ReadLimits = { maxBytes: 100 }) {
  test(`${kind}${limits.followsLinks === true ? ', links followed' : ''}: ${expected}`, () => {
    const folder = temporaryFolder();
    try {
      fill[kind]?.(join(folder, 'file'));
      assert.equal(read(join(folder, 'file'), limits), expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

function read(path: string, limits: ReadLimits): string {
  try {
    return `read "${readRegularFile(path, limits).toString()}"`;
  } catch (error) {
    const { code, why } = error as { code?: string; why?: string };
    return code ?? why ?? String(error);
  }
}

const follow = { maxBytes: 100, followsLinks: true };
check('text', 'read "hello"');
check('text', 'read "hello"', { maxBytes: 5 });
check('text', 'tooLarge', { maxBytes: 4 });
check('empty', 'read ""');
check('nothing', 'ENOENT');
check('folder', 'notAFile');
check('pipe', 'notAFile');
check('sparse', 'tooLarge');
check('link to text', 'ELOOP');
check('link to text', 'read "hello"', follow);
check('link to itself', 'ELOOP', follow);
check('link to nothing', 'ENOENT', follow);
check('link to a device', 'notAFile', follow);

test('a socket', async () => {
  const folder = temporaryFolder();
  const server = createServer().listen(join(folder, 'file'));
  try {
    await new Promise((done) => server.once('listening', done));
    assert.equal(read(join(folder, 'file'), { maxBytes: 100 }), 'ENXIO');
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
