/** Joins the running daemon, or starts one and joins that. It knows no editor; supervisor.ts decides when to call it. */

import { spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { daemonEnvironment } from '../protocol/daemonEnvironment.ts';
import { messageNames, protocolVersion } from '../protocol/messages.ts';
import type { HelloParams, HelloResult } from '../protocol/messages.ts';
import type { Clock } from './clock.ts';
import { LinkError } from './linkError.ts';
import { SilentDaemonError } from './silentDaemon.ts';
import { requestOnce } from '../protocol/messageFrame.ts';

export interface DaemonConnectionProps {
  readonly socketPath: string;
  /** The bundle that holds the daemon, and the arguments that start it. */
  readonly daemonFile: string;
  readonly daemonArgs: readonly string[];
  /** Node, or an Electron that acts as Node. */
  readonly execPath: string;
  readonly env: NodeJS.ProcessEnv;
  /** User id, to see that nobody else owns the socket's folder; undefined on Windows. */
  readonly uid: number | undefined;
  /** Version of this Idiom, semver. */
  readonly version: string;
  /** Folder for what a daemon writes to standard error before it has a log of its own. */
  readonly logDir: string;
  readonly clock: Clock;
}

export interface DaemonLink {
  /** Paused (pipe it, or resume it), with nothing read from it that the LSP client should see. */
  readonly socket: Socket;
  /** Undefined when the other side does not know `idiom/hello`. */
  readonly hello: HelloResult | undefined;
  readonly isStartedHere: boolean;
}

/** How long a daemon may take from its start to its first answer. */
export const startTimeoutMs = 15_000;
const helloTimeoutMs = 5_000;
/** After a daemon ended early, another that it lost the race to has this long to answer. */
const graceAfterExitMs = 1_500;
const firstPollMs = 25;
const longestPollMs = 400;

const logRemedy = 'Run "Idiom: Show Log" to see why, then "Idiom: Restart Engine".';

/**
 * @throws SilentDaemonError when one takes the connection and does not answer; LinkError when no daemon answers within {@link startTimeoutMs}, refuses, or is not this user's.
 * @throws AbortError when aborted.
 */
export async function connectDaemon(props: DaemonConnectionProps, signal: AbortSignal): Promise<DaemonLink> {
  const { clock } = props;
  const untilMs = clock.monotonicMs() + startTimeoutMs;
  let started: StartedDaemon | undefined;
  let pollMs = firstPollMs;
  for (;;) {
    signal.throwIfAborted();
    checkOwner(props);
    const socket = await openSocket(props.socketPath);
    if (socket !== undefined) {
      const link = await greet(socket, props, started !== undefined);
      if (link !== undefined) return link;
      started = undefined;
    } else if (started === undefined) {
      started = startDaemon(props);
    } else if (started.hasEndedSince(graceAfterExitMs)) {
      throw new LinkError(`The Idiom daemon could not start: ${started.describeEnd()}`, logRemedy);
    }
    if (clock.monotonicMs() >= untilMs) {
      throw new LinkError('The Idiom daemon does not answer.', logRemedy);
    }
    await wait(clock, pollMs, signal);
    pollMs = Math.min(longestPollMs, pollMs * 2);
  }
}

/** Undefined: this daemon makes room for a newer one, or went away while being greeted; try again. */
async function greet(
  socket: Socket,
  props: DaemonConnectionProps,
  isStartedHere: boolean,
): Promise<DaemonLink | undefined> {
  const params: HelloParams = { protocolVersion, version: props.version };
  let hello: HelloResult | undefined;
  let isSilent = false;
  const timer = props.clock.setTimer(helloTimeoutMs, () => {
    isSilent = true;
    socket.destroy();
  });
  try {
    hello = (await requestOnce(socket, messageNames.hello, params)) as HelloResult | undefined;
  } catch {
    socket.destroy();
    if (isSilent) throw new SilentDaemonError();
    return undefined;
  } finally {
    timer.dispose();
  }
  if (hello?.decision === 'retry') {
    socket.destroy();
    return undefined;
  }
  if (hello?.decision === 'refuse') {
    socket.destroy();
    throw new LinkError(
      `Another window runs Idiom ${hello.version}, which this version ${props.version} cannot talk to.`,
      'Reload or close the other windows; this one then recovers by itself.',
    );
  }
  return { socket, hello, isStartedHere };
}

/** Undefined when nobody listens there. */
function openSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      // A later error always comes with `close`, which is what the others listen to.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES' || error.code === 'EPERM') {
        reject(
          new LinkError(
            `The daemon's socket ${path} may not be used by you.`,
            'Delete it, or set IDIOM_HOME to a folder of your own.',
            error,
          ),
        );
      } else resolve(undefined);
    });
  });
}

/** On a shared machine somebody else could have made the folder first, to listen in. */
function checkOwner({ socketPath, uid }: DaemonConnectionProps): void {
  if (uid === undefined) return;
  const owner = lstatSync(dirname(socketPath), { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === uid) return;
  throw new LinkError(
    `The folder ${dirname(socketPath)} belongs to another user, so Idiom does not trust it.`,
    'Remove it, or set IDIOM_HOME to a folder of your own.',
  );
}

interface StartedDaemon {
  hasEndedSince(graceMs: number): boolean;
  /** How it ended, with the last line that it wrote to standard error. */
  describeEnd(): string;
}

function startDaemon(props: DaemonConnectionProps): StartedDaemon {
  const { clock } = props;
  const errorFile = join(props.logDir, 'daemon-start.log');
  mkdirSync(props.logDir, { recursive: true });
  const errorFd = openSync(errorFile, 'w', 0o600);
  let endedAtMs = Infinity;
  let end = '';
  const child = spawn(props.execPath, [props.daemonFile, ...props.daemonArgs], {
    detached: true,
    stdio: ['ignore', 'ignore', errorFd],
    windowsHide: true,
    // A folder that stays: the daemon outlives the window and must not keep a project folder busy. Others can't put
    // libraries there, as they can into one for temporary files.
    cwd: dirname(props.execPath),
    env: daemonEnvironment(props.env),
  });
  closeSync(errorFd);
  child.once('error', (error) => {
    endedAtMs = clock.monotonicMs();
    end = error.message;
  });
  child.once('exit', (code, exitSignal) => {
    endedAtMs = clock.monotonicMs();
    end = exitSignal === null ? `it ended with code ${code}` : `it was ended by ${exitSignal}`;
  });
  child.unref();
  return {
    hasEndedSince: (graceMs) => clock.monotonicMs() - endedAtMs >= graceMs,
    describeEnd() {
      const lastLine = readFileSync(errorFile, 'utf8').trim().split('\n').at(-1) ?? '';
      return lastLine === '' ? `${end}.` : `${end} (${lastLine.slice(0, 300)}).`;
    },
  };
}

function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.dispose();
      reject(signal.reason as Error);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
