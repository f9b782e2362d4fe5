/** Whether a file's process is told from one that was given the same id, and from one that ended. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProcessFile, writeProcessFile } from '../../../server/base/processFile.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

interface Content {
  readonly pid?: unknown;
  readonly startedAt?: unknown;
}

/** The process that a file names whose content is that of this process, but for `change`. */
function check(change: Content | string, expected: number | undefined): void {
  const folder = temporaryFolder();
  const path = join(folder, 'daemon.json');
  try {
    writeProcessFile(path);
    const written = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, typeof change === 'string' ? change : JSON.stringify({ ...written, ...change }));
    assert.equal(readProcessFile(path), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the process that wrote it', () => check({}, process.pid));
test('its id at another time', () => check({ startedAt: 'yesterday' }, undefined));
test('another process', () => check({ pid: 1 }, undefined));
test('no process', () => check({ pid: -1 }, undefined));
test('no id', () => check({ pid: '1; rm' }, undefined));
test('no file of ours', () => check('{', undefined));
test('no file', () => assert.equal(readProcessFile('/nonexistent/daemon.json'), undefined));

test('one that has ended', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  const { pid } = child;
  await once(child, 'exit');
  check({ pid }, undefined);
});
