/** The process lock, with real processes that exit, are killed, or compete. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { acquireLock } from '../../../server/store/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-lock-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

let nPaths = 0;
const newPath = () => join(folder, `${nPaths++}`, 'daemon.lock');

const script = `
  const { acquireLock } = await import(${JSON.stringify(new URL('../../../server/store/lock.ts', import.meta.url).href)});
  let lock = acquireLock(process.argv[1]);
  if (lock !== undefined && process.argv[2] === 'forget') {
    lock = { dispose: () => undefined };
    for (let i = 0; i < 3; i++) {
      globalThis.gc();
      await new Promise(setImmediate);
    }
  }
  console.log(lock === undefined ? 'busy' : 'held');
  if (lock === undefined) process.exit(0);
  process.stdin.once('data', () => { lock.dispose(); console.log('freed'); });
  process.stdin.once('end', () => process.exit(0));
`;

/** Starts a process that tries to take the lock; resolves with what it said. */
async function contend(path: string, mode = 'keep'): Promise<{ child: ChildProcess; said: string }> {
  const args = ['--no-warnings', '--expose-gc', '--input-type=module', '-e', script, path, mode];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: String(line).trim() };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

test('one process holds it, a second is told at once', async () => {
  const path = newPath();
  const first = await contend(path);
  const second = await contend(path);
  assert.deepEqual([first.said, second.said], ['held', 'busy']);
  assert.equal(acquireLock(path), undefined);
  await end(first.child, 'SIGTERM');
});

test('a holder killed by SIGKILL leaves nothing behind', async () => {
  const path = newPath();
  const first = await contend(path);
  assert.equal(first.said, 'held');
  await end(first.child, 'SIGKILL');
  const lock = acquireLock(path);
  assert.notEqual(lock, undefined);
  lock?.dispose();
});

test('dispose frees it while the process lives on', async () => {
  const path = newPath();
  const first = await contend(path);
  first.child.stdin?.write('free\n');
  await once(first.child.stdout as NodeJS.ReadableStream, 'data');
  const second = await contend(path);
  assert.equal(second.said, 'held');
  await end(first.child, 'SIGTERM');
  await end(second.child, 'SIGTERM');
});

test('of many that start together exactly one gets it', async () => {
  const path = newPath();
  const all = await Promise.all(Array.from({ length: 6 }, () => contend(path)));
  assert.equal(all.filter(({ said }) => said === 'held').length, 1);
  for (const { child, said } of all) if (said === 'held') await end(child, 'SIGKILL');
});

test('a lock in this process excludes this process and others, until disposed', async () => {
  const path = newPath();
  const lock = acquireLock(path);
  assert.equal(acquireLock(path), undefined);
  assert.equal((await contend(path)).said, 'busy');
  lock?.dispose();
  lock?.dispose();
  const again = acquireLock(path);
  assert.notEqual(again, undefined);
  again?.dispose();
});

test('garbage collection does not free it', async () => {
  const path = newPath();
  const { child } = await contend(path, 'forget');
  assert.equal(acquireLock(path), undefined);
  await end(child, 'SIGKILL');
});

test('a file with other content is emptied and locked', () => {
  const path = newPath();
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '4711\nthe pid file of something older\n'.repeat(40));
  const lock = acquireLock(path);
  assert.notEqual(lock, undefined);
  lock?.dispose();
});

test('the file is private and empty', () => {
  const path = newPath();
  acquireLock(path)?.dispose();
  const { mode, size } = statSync(path);
  assert.equal(size, 0);
  if (process.platform !== 'win32') assert.equal(mode & 0o777, 0o600);
});

test('a place that cannot be written is a sentence with a remedy', () => {
  const file = newPath();
  mkdirSync(file, { recursive: true });
  assert.throws(() => acquireLock(file), { name: 'IdiomError', code: 'notPermitted' });
});
