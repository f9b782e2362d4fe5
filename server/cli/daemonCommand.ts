/** `idiom daemon`: runs, stops and finds the daemon, and joins an editor's standard streams to it. */

import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { daemonEnvironment } from '../../protocol/daemonEnvironment.ts';
import { anyVersion, greetDaemon } from '../../protocol/greetDaemon.ts';
import type { Greeting } from '../../protocol/greetDaemon.ts';
import { protocolVersion } from '../../protocol/messages.ts';
import type { HelloResult } from '../../protocol/messages.ts';
import { delay } from '../base/clock.ts';
import { IdiomError } from '../base/errors.ts';
import { readProcessFile } from '../base/processFile.ts';
import { acquireLock } from '../store/lock.ts';
import { bridge } from './bridge.ts';
import type { CliContext } from './cliContext.ts';
import { hasEnded, killDaemon, silentDaemon } from './silentDaemon.ts';

/** What this command uses of the CLI's context. */
export type DaemonContext = Pick<
  CliContext,
  'socketPath' | 'lockPath' | 'processPath' | 'clock' | 'signal' | 'write' | 'remark' | 'runDaemon'
>;

const startTimeoutMs = 15_000;
const pollMs = 50;

export function registerDaemon(program: Command, context: DaemonContext): void {
  const daemon = program
    .command('daemon')
    .description('the background process that editors share')
    .option('--stdio', 'speak LSP on standard input and output, through the daemon')
    .action(async (flags: { stdio?: boolean }) => {
      if (flags.stdio !== true)
        throw new IdiomError('wrongUse', 'Say `idiom daemon run`, `status`, `stop` or `--stdio`.');
      await serveEditor(context);
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
    .action((flags: { json?: boolean }) => tellStatus(context, flags.json === true));
  daemon
    .command('stop')
    .description('end the daemon; editors start it again when they need it')
    .option('--force', 'kill it even if it does not answer')
    .action((flags: { force?: boolean }) => stop(context, flags.force === true));
}

/**
 * The daemon's answer to a greeting that never replaces it, or undefined when none listens.
 * @throws IdiomError `daemonUnreachable` when it does not answer within seconds.
 */
export async function askHello(
  context: Pick<DaemonContext, 'socketPath' | 'processPath' | 'clock'>,
): Promise<HelloResult | undefined> {
  const greeting = await greet(context);
  if (greeting.kind === 'silent') throw silentDaemon(context.processPath);
  if (greeting.kind === 'absent') return undefined;
  greeting.socket.destroy();
  if (greeting.hello === undefined)
    throw new IdiomError('protocolMismatch', `What listens on ${context.socketPath} is no Idiom daemon.`);
  return greeting.hello;
}

function greet({ socketPath, clock }: Pick<DaemonContext, 'socketPath' | 'clock'>): Promise<Greeting> {
  return greetDaemon(socketPath, { protocolVersion, version: anyVersion }, clock);
}

async function tellStatus(context: DaemonContext, isJson: boolean): Promise<void> {
  try {
    const found = await askHello(context);
    if (isJson) context.write(JSON.stringify(found ?? { running: false }));
    else if (found === undefined) context.write('No Idiom daemon is running.');
    else context.write(`Idiom daemon ${found.version} is running as process ${found.pid}.`);
  } catch (error) {
    const pid = readProcessFile(context.processPath);
    if (isJson) context.write(JSON.stringify({ running: true, isAnswering: false, pid }));
    throw error;
  }
}

async function stop(context: DaemonContext, isForced: boolean): Promise<void> {
  const greeting = await greet(context);
  if (greeting.kind === 'answer') {
    greeting.socket.destroy();
    const pid = greeting.hello?.pid ?? readProcessFile(context.processPath);
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
    if (pid !== undefined && !isForced) return context.write(`Asked process ${pid} to end.`);
    if (pid !== undefined && (await hasEnded(pid, context))) return context.write(`Ended process ${pid}.`);
  } else if (greeting.kind === 'absent' && !(isForced && isLocked(context.lockPath))) {
    return context.write('No Idiom daemon is running.');
  }
  if (!isForced) throw silentDaemon(context.processPath);
  context.write(`Killed process ${await killDaemon(context)}.`);
}

/** A daemon that is starting or ending holds the lock and does not listen. */
function isLocked(lockPath: string): boolean {
  const lock = acquireLock(lockPath);
  lock?.dispose();
  return lock === undefined;
}

/** Starts a daemon if need be, and is the editor's language server through it. */
async function serveEditor(context: DaemonContext): Promise<void> {
  const socket = await connectOrStart(context);
  const end = await bridge(process.stdin, process.stdout, socket, context.clock);
  // Nothing else holds the process then.
  process.stdin.destroy();
  if (end === 'exitWithoutShutdown')
    throw new IdiomError('badMessage', 'The editor sent `exit` without `shutdown`.');
  if (end !== 'lost') return;
  const again = 'Start the language server again.';
  const greeting = await greet(context);
  if (greeting.kind === 'silent') throw silentDaemon(context.processPath);
  if (greeting.kind === 'absent')
    throw new IdiomError('daemonUnreachable', 'The Idiom daemon ended.', { remedy: again });
  greeting.socket.destroy();
  const message = 'The Idiom daemon could not read what the editor sent, and closed the connection.';
  throw new IdiomError('daemonUnreachable', message, { remedy: `${again} The daemon's log tells more.` });
}

async function connectOrStart(context: DaemonContext): Promise<Socket> {
  const { clock, signal } = context;
  const deadlineMs = clock.monotonicMs() + startTimeoutMs;
  for (let isFirst = true; clock.monotonicMs() < deadlineMs; isFirst = false) {
    const greeting = await greet(context);
    if (greeting.kind === 'answer') return greeting.socket;
    if (greeting.kind === 'silent') throw silentDaemon(context.processPath);
    if (isFirst) startDaemon();
    await delay(clock, pollMs, signal);
  }
  throw new IdiomError('daemonUnreachable', 'The Idiom daemon did not start within 15 seconds.', {
    remedy: 'Run `idiom doctor`.',
  });
}

/** In another folder a relative one would be another one. */
function absoluteHome(home: string | undefined): { readonly IDIOM_HOME?: string } {
  return home === undefined || home === '' ? {} : { IDIOM_HOME: resolve(home) };
}

function startDaemon(): void {
  const [script = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, script, 'daemon', 'run'], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    // The folder of the command may be a repository; the daemon outlives it.
    cwd: dirname(process.execPath),
    env: { ...daemonEnvironment(process.env), ...absoluteHome(process.env['IDIOM_HOME']) },
  });
  child.unref();
}
