/** `idiom daemon`: runs, stops and finds the daemon, and joins an editor's standard streams to it. */

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Command } from 'commander';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { messageNames, protocolVersion } from '../../protocol/messages.ts';
import type { HelloResult } from '../../protocol/messages.ts';
import { IdiomError } from '../base/errors.ts';
import type { CliContext } from './cliContext.ts';

const startTimeoutMs = 15_000;

export function registerDaemon(program: Command, context: CliContext): void {
  const daemon = program
    .command('daemon')
    .description('the background process that editors share')
    .option('--stdio', 'speak LSP on standard input and output, through the daemon')
    .action(async (flags: { stdio?: boolean }) => {
      if (flags.stdio !== true)
        throw new IdiomError('wrongUse', 'Say `idiom daemon run`, `status`, `stop` or `--stdio`.');
      await bridge(context);
    });
  daemon
    .command('run')
    .description('be the daemon, unless one is running')
    .action(async () => {
      if (!(await context.runDaemon())) context.remark('An Idiom daemon is running already.');
    });
  daemon
    .command('status')
    .option('--json', 'answer as JSON')
    .action(async (flags: { json?: boolean }) => {
      const found = await askHello(context);
      if (flags.json === true) context.write(JSON.stringify(found ?? { running: false }));
      else if (found === undefined) context.write('No Idiom daemon is running.');
      else context.write(`Idiom daemon ${found.version} is running as process ${found.pid}.`);
    });
  daemon
    .command('stop')
    .description('end the daemon; editors start it again when they need it')
    .option('--force', 'kill it even if it does not answer')
    .action(async () => {
      const found = await askHello(context);
      if (found === undefined) return context.write('No Idiom daemon is running.');
      process.kill(found.pid, 'SIGTERM');
      context.write(`Asked process ${found.pid} to end.`);
    });
}

/** The daemon's answer to a greeting that never replaces it, or undefined when none listens. */
export async function askHello(context: CliContext): Promise<HelloResult | undefined> {
  const socket = await tryConnect(context.socketPath);
  if (socket === undefined) return undefined;
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    new StreamMessageWriter(socket),
  );
  connection.listen();
  try {
    return await connection.sendRequest(messageNames.hello, { protocolVersion, version: '0.0.0' });
  } finally {
    connection.dispose();
    socket.destroy();
  }
}

/** Starts a daemon if need be and copies bytes both ways until either side ends. */
async function bridge(context: CliContext): Promise<void> {
  const socket = await connectOrStart(context);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('close', resolve);
  socket.on('error', () => resolve());
  process.stdin.on('end', () => socket.end());
  await promise;
  if (!process.stdin.readableEnded) {
    throw new IdiomError('daemonUnreachable', 'The Idiom daemon ended.', {
      remedy: 'Start the language server again.',
    });
  }
}

async function connectOrStart(context: CliContext): Promise<Socket> {
  const first = await tryConnect(context.socketPath);
  if (first !== undefined) return first;
  const [script = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, script, 'daemon', 'run'], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  const deadlineMs = performance.now() + startTimeoutMs;
  while (performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const socket = await tryConnect(context.socketPath);
    if (socket !== undefined) return socket;
  }
  throw new IdiomError('daemonUnreachable', 'The Idiom daemon did not start within 15 seconds.', {
    remedy: 'Run `idiom doctor`.',
  });
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
