/** Starts real daemons in homes of their own, and ends whatever a test started. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/gitFixture.ts';
import { createLspClient } from '../support/lspClient.ts';
import type { LspClient } from '../support/lspClient.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

export const testModel = process.env['IDIOM_TEST_MODEL'] ?? '';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DaemonFixture {
  readonly home: string;
  readonly socketPath: string;
  readonly env: NodeJS.ProcessEnv;
  /** Starts `idiom ARGS`; the fixture ends it if it is still there at the end. */
  start(...args: string[]): ChildProcess;
  /** Runs `idiom ARGS` to its end, with `input` on standard input. */
  run(args: readonly string[], input?: string): Promise<Finished>;
  /** Starts the daemon and resolves when it accepts connections. */
  startDaemon(): Promise<ChildProcess>;
  connect(): Promise<LspClient>;
  /** Text of the daemon's log so far. */
  log(): string;
}

/** Runs `body` with a home of its own; `env` adds to or overrides the environment. */
export async function withDaemonFixture(
  body: (fixture: DaemonFixture) => Promise<void>,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const home = temporaryFolder();
  const children = new Set<ChildProcess>();
  const clients = new Set<LspClient>();
  const fullEnv = { ...process.env, IDIOM_HOME: home, IDIOM_BASE_MODEL: testModel, ...env };
  const socketPath = join(fullEnv.IDIOM_HOME, 'run', 'idiomd.sock');
  function start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
      env: fullEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }
  const fixture: DaemonFixture = {
    home,
    socketPath,
    env: fullEnv,
    start,
    async run(args, input = '') {
      const child = start(...args);
      let stdout = '';
      let stderr = '';
      child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin?.end(input);
      const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
      return { code, stdout, stderr };
    },
    async startDaemon() {
      const child = start('daemon', 'run');
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      await connectWhenListening(socketPath, () => (child.exitCode === null ? undefined : stderr)).then(
        (socket) => socket.destroy(),
      );
      return child;
    },
    async connect() {
      const socket = await connectWhenListening(socketPath, () => undefined);
      const client = createLspClient(socket, socket);
      clients.add(client);
      return client;
    },
    log: () =>
      existsSync(join(home, 'logs', 'daemon.log'))
        ? readFileSync(join(home, 'logs', 'daemon.log'), 'utf8')
        : '',
  };
  try {
    if (fullEnv.IDIOM_HOME === home) mkdirSync(join(home, 'run'), { recursive: true });
    await body(fixture);
  } finally {
    for (const client of clients) client.dispose();
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([...children].map((child) => new Promise((resolve) => child.once('exit', resolve))));
    rmSync(home, { recursive: true, force: true });
  }
}

/** Resolves when the process is gone. */
export function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Process ids of the direct children of a process (Linux). */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${candidate}/stat`, 'utf8'))?.[1]) === pid;
      } catch {
        return false;
      }
    });
}

async function connectWhenListening(path: string, failure: () => string | undefined): Promise<Socket> {
  const deadlineMs = performance.now() + 20_000;
  for (;;) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const attempt = connect(path);
      attempt.once('connect', () => resolve(attempt));
      attempt.once('error', () => resolve(undefined));
    });
    if (socket !== undefined) return socket;
    const reason = failure();
    if (reason !== undefined) throw new Error(`the daemon ended: ${reason}`);
    if (performance.now() > deadlineMs) throw new Error('the daemon does not listen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
