/** Files that are whole or absent, logs that stay small, and errors that say what to do. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestFile, digestOf } from '../../../server/base/digest.ts';
import { describeError, explainFileError, IdiomError } from '../../../server/base/errors.ts';
import { homeFolders } from '../../../server/base/homeFolders.ts';
import { LogFile } from '../../../server/base/logFile.ts';
import { createLogger } from '../../../server/base/logger.ts';
import type { LogLevel } from '../../../server/base/logger.ts';
import { writeFileAtomic } from '../../../server/base/writeFile.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

function inFolder(name: string, body: (folder: string) => void | Promise<void>): void {
  test(name, async () => {
    const folder = temporaryFolder();
    try {
      await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

inFolder('a file is replaced whole, for its owner alone, and nothing is left beside it', async (folder) => {
  const path = join(folder, 'a');
  writeFileAtomic(path, 'old');
  writeFileAtomic(path, 'new');
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['a']);
  assert.equal(await digestFile(path), digestOf('new'));
});

inFolder('what stands in the way of a write is told, and the old file stays', (folder) => {
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a', 'b'), '');
  assert.throws(() => writeFileAtomic(join(folder, 'a'), 'x'));
  assert.throws(() => writeFileAtomic(join(folder, 'a', 'b', 'c'), 'x'), /may not write/);
  assert.deepEqual(readdirSync(folder), ['a']);
});

inFolder('a log rotates and keeps a bounded number of older files', (folder) => {
  const path = join(folder, 'logs', 'x.log');
  const log = new LogFile({ path, maxSizeBytes: 20, nOlder: 2 });
  for (let i = 0; i < 9; i++) log.write('info', `line ${i} ....`);
  assert.deepEqual(readdirSync(join(folder, 'logs')).sort(), ['x.log', 'x.log.1', 'x.log.2']);
  assert.match(readFileSync(path, 'utf8'), /line 8/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

inFolder('a log that can not be written drops its lines', (folder) => {
  writeFileSync(join(folder, 'logs'), '');
  new LogFile({ path: join(folder, 'logs', 'x.log'), maxSizeBytes: 20, nOlder: 1 }).write('info', 'x');
  assert(!existsSync(join(folder, 'logs', 'x.log')));
});

function checkLog(minLevel: LogLevel, expected: string[]): void {
  test(`at ${minLevel} the log has ${expected.length} lines`, () => {
    const lines: string[] = [];
    const sink = { write: (_level: LogLevel, line: string) => lines.push(line) };
    const logger = createLogger(
      { write: (level, line) => void sink.write(level, line) },
      () => minLevel,
      () => 0,
    );
    logger.trace('completion', 'prompt', () => ({ text: 'a\nb' }));
    logger.trace('completion', 'broken', () => Promise.reject(new Error('not looked through')));
    logger.info('daemon', 'joined', { n: 1, name: 'two words', absent: undefined });
    logger.error('daemon', 'failed');
    assert.deepEqual(lines, expected);
  });
}

const at = '1970-01-01T00:00:00.000Z';
checkLog('trace', [
  `${at} trace [completion] prompt text="a\\nb"`,
  `${at} info  [daemon] joined n=1 name="two words"`,
  `${at} error [daemon] failed`,
]);
checkLog('info', [`${at} info  [daemon] joined n=1 name="two words"`, `${at} error [daemon] failed`]);
checkLog('error', [`${at} error [daemon] failed`]);

for (const [code, expected] of [
  ['ENOSPC', /disk is full.*Free some space/],
  ['EDQUOT', /disk is full/],
  ['EROFS', /may not write.*IDIOM_HOME/],
  ['EACCES', /may not write/],
] as const) {
  test(`${code} in words`, () => {
    assert.match(describeError(explainFileError(Object.assign(new Error('x'), { code }), '/a/b')), expected);
  });
}

test('a folder that a read-only disk does not take is told as one that may not be written', () => {
  // What mkdir with `recursive` throws there; no test can make such a disk.
  const error = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'mkdir' });
  assert.match(describeError(explainFileError(error, '/a/b')), /^Idiom may not write \/a\/b/);
  const missing = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' });
  assert.equal(explainFileError(missing, '/a/b'), missing);
});

test('exit codes follow the kind of error', () => {
  const codes = (['wrongUse', 'modelMissing', 'diskFull', 'internal'] as const).map(
    (code) => new IdiomError(code, 'x').exitCode,
  );
  assert.deepEqual(codes, [2, 4, 4, 1]);
});

test('IDIOM_HOME holds everything', () => {
  assert.deepEqual(homeFolders({ IDIOM_HOME: '/h' }), {
    data: '/h',
    cache: '/h/cache',
    models: '/h/models',
    logs: '/h/logs',
  });
});
