/** A daemon that takes connections and says nothing: each command says so by its deadline. Time is a clock in the test. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { neverAborts } from '../../../server/base/abort.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { writeProcessFile } from '../../../server/base/processFile.ts';
import { askDaemon } from '../../../server/cli/askDaemon.ts';
import { registerDaemon } from '../../../server/cli/daemonCommand.ts';
import { startDaemonServer } from '../../../server/lsp/daemonServer.ts';
import { acquireLock } from '../../../server/store/lock.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/messageFrame.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

interface Bench {
  readonly place: { socketPath: string; lockPath: string; processPath: string };
  readonly clock: ManualClock;
  readonly said: string[];
  readonly server: Server;
  idiom(...args: string[]): Promise<unknown>;
}

/** A stuck daemon: it holds the lock, is named in its file, and answers what `answers` names. */
async function withStuck(
  act: (bench: Bench) => Promise<void>,
  answers: readonly string[] = [],
): Promise<void> {
  const folder = temporaryFolder();
  const place = {
    socketPath: join(folder, 'd.sock'),
    lockPath: join(folder, 'daemon.lock'),
    processPath: join(folder, 'daemon.json'),
  };
  const lock = acquireLock(place.lockPath);
  writeProcessFile(place.processPath);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let heard = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      for (let frame = decodeFrame(heard); frame !== undefined; frame = decodeFrame(heard)) {
        heard = heard.subarray(frame.lengthBytes);
        const { id, method } = JSON.parse(frame.body) as { id: unknown; method: string };
        if (answers.includes(method)) socket.write(encodeFrame({ jsonrpc: '2.0', id, result: {} }));
        server.emit(method);
      }
    });
  });
  server.listen(place.socketPath);
  await once(server, 'listening');
  const clock = new ManualClock();
  const said: string[] = [];
  const context = {
    ...{ ...place, clock, signal: neverAborts, runDaemon: () => Promise.resolve(true) },
    write: (line: string) => said.push(line),
    remark: (line: string) => said.push(`! ${line}`),
  };
  try {
    await act({
      ...{ place, clock, said, server },
      idiom(...args) {
        const program = new Command('idiom').exitOverride();
        registerDaemon(program, context);
        return program.parseAsync(args, { from: 'user' });
      },
    });
  } finally {
    lock?.dispose();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const silence = {
  code: 'daemonUnreachable',
  message: `The Idiom daemon, process ${process.pid}, does not answer.`,
  remedy: 'Run `idiom daemon stop --force`; editors start it again.',
};

/** `idiom ARGS` hears nothing for the five seconds of a greeting. */
async function check(args: readonly string[], said: readonly string[] = []): Promise<void> {
  await withStuck(async (bench) => {
    const greeted = once(bench.server, 'idiom/hello');
    const run = assert.rejects(bench.idiom(...args), silence);
    await greeted;
    bench.clock.advance(4_999);
    bench.clock.advance(1);
    await run;
    assert.deepEqual(bench.said, said);
  });
}

test('status', () => check(['daemon', 'status']));
test('status as JSON', () =>
  check(['daemon', 'status', '--json'], [`{"running":true,"isAnswering":false,"pid":${process.pid}}`]));
test('stop', () => check(['daemon', 'stop']));
test('an editor over standard streams', () => check(['daemon', '--stdio']));

test('a further daemon says so, and does not take itself for a second one', () =>
  withStuck(async ({ place, clock, server }) => {
    const greeted = once(server, 'idiom/hello');
    const start = startDaemonServer({
      ...{ ...place, clock, graceMs: 0, logger: silentLogger },
      serve: () => ({ dispose: () => undefined }),
    });
    await greeted;
    clock.advance(5_000);
    await assert.rejects(start, { code: 'daemonUnreachable', message: /does not answer/ });
  }));

test('a question whose daemon falls silent after it was taken', () =>
  withStuck(
    async ({ place, clock, server }) => {
      const asked = once(server, 'idiom/forget');
      const question = { method: 'idiom/forget', params: {} };
      const answer = assert.rejects(askDaemon({ ...place, clock, signal: neverAborts }, question), silence);
      await asked;
      clock.advance(30_000);
      await answer;
    },
    ['idiom/hello', 'initialize'],
  ));

test('a question that takes minutes, of a daemon that answers others meanwhile', () =>
  withStuck(
    async ({ place, clock, server }) => {
      const asked = once(server, 'idiom/forget');
      const abort = new AbortController();
      const question = { method: 'idiom/forget', params: {} };
      const answer = assert.rejects(askDaemon({ ...place, clock, signal: abort.signal }, question), {
        name: 'AbortError',
      });
      await asked;
      for (let i = 0; i < 12; i++) {
        const pinged = once(server, 'idiom/ping');
        clock.advance(10_000);
        await pinged;
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      abort.abort();
      await answer;
    },
    ['idiom/hello', 'initialize', 'idiom/ping'],
  ));
