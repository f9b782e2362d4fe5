/** Joining and starting a daemon, against small stand-ins that run as real processes and listen on real sockets. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../extension/clock.ts';
import { connectDaemon } from '../../../extension/daemonConnection.ts';
import type { DaemonConnectionProps, DaemonLink } from '../../../extension/daemonConnection.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/messageFrame.ts';
import type { HelloResult } from '../../../protocol/messages.ts';

type Decision = HelloResult['decision'];

/** Answers each greeting with the next decision, the last one again and again; `silent` hangs up instead. */
function greeter(decisions: readonly (Decision | 'hangUp')[]): Server {
  let n = 0;
  return createServer((socket) => {
    const decision = decisions[Math.min(n++, decisions.length - 1)];
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      if (decision === 'hangUp') return void socket.destroy();
      const { id } = JSON.parse(decodeFrame(bytes)?.body ?? '{}') as { id: string };
      const result = { protocolVersion: 1, version: '9.0.0', pid: process.pid, decision };
      socket.write(encodeFrame({ jsonrpc: '2.0', id, result }));
    });
  });
}

interface Bench {
  readonly dir: string;
  readonly socketPath: string;
  connect(change?: Partial<DaemonConnectionProps>): Promise<DaemonLink>;
}

/** A folder with a stand-in daemon whose program is `program`; it sees the socket's path as SOCKET. */
async function withBench(program: string, act: (bench: Bench) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'idiom-link-'));
  const socketPath = join(dir, 'run', 'd.sock');
  mkdirSync(join(dir, 'run'));
  writeFileSync(join(dir, 'daemon.mjs'), program);
  const links: DaemonLink[] = [];
  const props: DaemonConnectionProps = {
    socketPath,
    daemonFile: join(dir, 'daemon.mjs'),
    daemonArgs: ['daemon', 'run'],
    execPath: process.execPath,
    env: { ...process.env, SOCKET: socketPath },
    uid: process.getuid?.(),
    version: '1.0.0',
    logDir: join(dir, 'logs'),
    clock: systemClock,
  };
  try {
    await act({
      dir,
      socketPath,
      async connect(change = {}) {
        const link = await connectDaemon({ ...props, ...change }, new AbortController().signal);
        links.push(link);
        return link;
      },
    });
  } finally {
    for (const { socket } of links) socket.destroy();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function withServer(server: Server, path: string, act: () => Promise<void>): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
  try {
    await act();
  } finally {
    server.close();
  }
}

/** Listens, knows no greeting, and ends with its only client. */
const plainDaemon = `
import { createServer } from 'node:net';
createServer((socket) => {
  socket.on('close', () => process.exit());
  socket.on('data', () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'idiom-hello', error: { code: -32601, message: process.argv.slice(2).join(' ') } });
    socket.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body);
  });
}).listen(process.env.SOCKET);
setTimeout(() => process.exit(), 30000).unref();
`;
const mustNotRun = 'process.exit(9);';

test('joins the one that runs', () =>
  withBench(mustNotRun, ({ socketPath, connect }) =>
    withServer(greeter(['serve']), socketPath, async () => {
      const link = await connect();
      assert.deepEqual([link.isStartedHere, link.hello?.decision], [false, 'serve']);
    }),
  ));

test('starts one where none runs; a daemon without greeting will do', () =>
  withBench(plainDaemon, async ({ connect }) => {
    const link = await connect();
    assert.deepEqual([link.isStartedHere, link.hello], [true, undefined]);
  }));

test('starts one where a killed one left its socket', () =>
  withBench(
    `import { rmSync } from 'node:fs'; rmSync(process.env.SOCKET, { force: true });${plainDaemon}`,
    async (bench) => {
      writeFileSync(bench.socketPath, '');
      assert.equal((await bench.connect()).isStartedHere, true);
    },
  ));

test('an older one that makes room is asked again', () =>
  withBench(mustNotRun, ({ socketPath, connect }) =>
    withServer(greeter(['retry', 'hangUp', 'later']), socketPath, async () => {
      assert.equal((await connect()).hello?.decision, 'later');
    }),
  ));

/** `message`: of the LinkError, which also has a remedy. */
async function checkFailure(connecting: Promise<DaemonLink>, message: RegExp): Promise<void> {
  await assert.rejects(connecting, (error: { name: string; message: string; remedy: string }) => {
    assert.equal(error.name, 'LinkError');
    assert.match(error.message, message);
    assert.match(error.remedy, /\.$/);
    return true;
  });
}

test('one that takes the connection and says nothing is told after seconds', () =>
  withBench(mustNotRun, ({ socketPath, connect }) => {
    const clock = new ManualClock();
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => clock.advance(5_000));
    });
    return withServer(silent, socketPath, () =>
      checkFailure(connect({ clock }), /^The Idiom daemon does not answer\.$/),
    );
  }));

test('one that refuses', () =>
  withBench(mustNotRun, ({ socketPath, connect }) =>
    withServer(greeter(['refuse']), socketPath, () =>
      checkFailure(
        connect(),
        /^Another window runs Idiom 9\.0\.0, which this version 1\.0\.0 cannot talk to\.$/,
      ),
    ),
  ));

test('one that ends at once is told with its last words', () =>
  withBench(`console.error('The disk is full.'); process.exit(4);`, ({ connect }) =>
    checkFailure(connect(), /could not start: it ended with code 4 \(The disk is full\.\)\.$/),
  ));

test('a program that is not there', () =>
  withBench('', ({ dir, connect }) => checkFailure(connect({ execPath: join(dir, 'nothing') }), /ENOENT/)));

test("another user's folder", () =>
  withBench(mustNotRun, ({ connect }) =>
    checkFailure(connect({ uid: (process.getuid?.() ?? 0) + 1 }), /belongs to another user/),
  ));

test('a start that was called off', () =>
  withBench(mustNotRun, async ({ dir, socketPath }) => {
    chmodSync(dir, 0o700);
    const props = {
      socketPath,
      daemonFile: join(dir, 'daemon.mjs'),
      daemonArgs: [],
      execPath: process.execPath,
      env: process.env,
      uid: process.getuid?.(),
      version: '1.0.0',
      logDir: dir,
      clock: systemClock,
    };
    await assert.rejects(connectDaemon(props, AbortSignal.abort()), { name: 'AbortError' });
  }));
