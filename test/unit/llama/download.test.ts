/** Downloads from a server on loopback: whole or not there, resumed, checked. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdiomError, isAbort } from '../../../server/base/errors.ts';
import { downloadFile } from '../../../server/llama/download.ts';
import { FileServer, hurriedClock } from './fileServer.ts';
import type { FileServerOptions } from './fileServer.ts';

const content = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 251));
const wrong = 'a'.repeat(64);

interface Case extends FileServerOptions {
  /** Bytes of an earlier part; true: of this file, else of another one. */
  readonly part?: number;
  readonly partIsForeign?: boolean;
  readonly silenceMs?: number;
  /** SHA-256 that the caller knows. */
  readonly pinned?: string;
}

interface Expected {
  /** The requests that the server saw. */
  readonly log?: readonly string[];
  readonly error?: readonly [code: string, message: RegExp];
  /** Size of the part that stays after an error. */
  readonly partBytes?: number;
}

async function check(given: Case, expected: Expected): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-download-'));
  const server = new FileServer(content, given);
  const url = `${await server.listen()}/owner/repo/resolve/main/model.gguf`;
  const path = join(folder, 'deep', 'model.gguf');
  try {
    if (given.part !== undefined) prepare(path, given);
    const progress: number[] = [];
    const run = downloadFile({
      url,
      headers: { authorization: 'Bearer secret' },
      path,
      sha256: given.pinned,
      clock: hurriedClock(given.silenceMs),
      signal: new AbortController().signal,
      onProgress: (doneBytes) => progress.push(doneBytes),
    });
    if (expected.error === undefined) {
      await run;
      assert.deepEqual(readFileSync(path), content);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(progress.at(-1), content.length);
    } else await checkError(run, expected.error);
    assert.equal(existsSync(path), expected.error === undefined);
    assert.equal(statSync(`${path}.part`, { throwIfNoEntry: false })?.size, expected.partBytes);
    if (expected.log !== undefined) assert.deepEqual(server.log, expected.log);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

function prepare(path: string, given: Case): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const bytes =
    given.partIsForeign === true ? Buffer.alloc(given.part ?? 0, 1) : content.subarray(0, given.part);
  writeFileSync(`${path}.part`, bytes, { mode: 0o600 });
}

async function checkError(run: Promise<void>, [code, message]: readonly [string, RegExp]): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof IdiomError, String(error));
    assert.equal(error.code, code, error.sentence);
    assert.match(error.message, message);
    assert.ok(error.remedy);
    return true;
  });
}

const head = 'HEAD Bearer secret';
const get = 'GET Bearer secret';

test('a file', () => check({}, { log: [head, get, 'GET cdn Bearer secret'] }));
test('a cut connection is taken up where it broke', () =>
  check(
    { cutAfterBytes: [10_000] },
    {
      log: [
        head,
        get,
        'GET cdn Bearer secret',
        'GET bytes=10000- Bearer secret',
        'GET cdn bytes=10000- Bearer secret',
      ],
    },
  ));
test('many cuts, each bringing something', () =>
  check({ cutAfterBytes: [4000, 4000, 4000, 4000, 4000, 4000] }, {}));
test('a part of an earlier try is resumed', () =>
  check(
    { part: 29_000 },
    { log: [head, 'GET bytes=29000- Bearer secret', 'GET cdn bytes=29000- Bearer secret'] },
  ));
test('a part that is complete is only checked', () => check({ part: 30_000 }, { log: [head] }));
test('a part that is too long is begun anew', () => check({ part: 40_000, partIsForeign: true }, {}));
test('a part of another file is begun anew', () => check({ part: 10_000, partIsForeign: true }, {}));
test('a server that ignores ranges: one more answer, from the beginning', () =>
  check(
    { part: 10_000, ignoresRange: true },
    { log: [head, 'GET bytes=10000- Bearer secret', 'GET cdn bytes=10000- Bearer secret'] },
  ));
test('a server that states neither size nor digest', () => check({ isSizeless: true, sha256: '' }, {}));
test('a wrong checksum: nothing stays', () =>
  check({ sha256: wrong }, { error: ['downloadFailed', /wrong checksum/] }));
test('a pinned checksum counts more than the stated one', () =>
  check({ pinned: wrong }, { error: ['downloadFailed', /wrong checksum/] }));
test('a connection that brings nothing any more, five times', () =>
  check(
    { cutAfterBytes: [5000, 0, 0, 0, 0, 0, 0, 0] },
    { error: ['downloadFailed', /can't be reached/], partBytes: 5000 },
  ));
test('404', () => check({ status: 404 }, { error: ['modelMissing', /no owner\/repo\/model\.gguf/] }));
test('401', () => check({ status: 401 }, { error: ['notPermitted', /status 401/] }));
test('refused where the hub redirects to: not tried again', () =>
  check(
    { cdnStatus: 403 },
    { error: ['notPermitted', /status 403/], log: [head, get, 'GET cdn Bearer secret'] },
  ));
test('500', () => check({ status: 500 }, { error: ['downloadFailed', /status 500/] }));

test('nobody listens', async () => {
  const server = new FileServer(content);
  const url = await server.listen();
  server.close();
  const folder = mkdtempSync(join(tmpdir(), 'idiom-download-'));
  const run = downloadFile({
    url,
    headers: {},
    path: join(folder, 'a'),
    sha256: undefined,
    clock: hurriedClock(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await checkError(run, ['downloadFailed', /127\.0\.0\.1:\d+ can't be reached/]);
  rmSync(folder, { recursive: true });
});

test('a connection that hangs is cut after a while and taken up again', () =>
  check(
    { hangsAfterBytes: 5000, silenceMs: 100 },
    {
      log: [
        head,
        get,
        'GET cdn Bearer secret',
        'GET bytes=5000- Bearer secret',
        'GET cdn bytes=5000- Bearer secret',
      ],
    },
  ));

test('an abort keeps the part', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-download-'));
  const server = new FileServer(content, { hangsAfterBytes: 5000 });
  const [abort, path] = [new AbortController(), join(folder, 'a')];
  try {
    const run = downloadFile({
      url: await server.listen(),
      headers: {},
      path,
      sha256: undefined,
      clock: hurriedClock(),
      signal: abort.signal,
      onProgress: (doneBytes) => void (doneBytes === 5000 && setImmediate(() => abort.abort())),
    });
    await assert.rejects(run, isAbort);
    assert.deepEqual(readFileSync(`${path}.part`), content.subarray(0, 5000));
    assert.equal(existsSync(path), false);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
