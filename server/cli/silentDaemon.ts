/** What is said, and done, when the daemon does not answer. */

import { rmSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { delay } from '../base/clock.ts';
import { IdiomError } from '../base/errors.ts';
import { readProcessFile } from '../base/processFile.ts';
import { acquireLock } from '../store/lock.ts';

export interface DaemonPlace {
  readonly socketPath: string;
  readonly lockPath: string;
  /** Names the daemon's process: base/processFile.ts. */
  readonly processPath: string;
}

export interface EndingContext extends DaemonPlace {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const pollMs = 50;
const endTimeoutMs = 5_000;

export function silentDaemon(processPath: string): IdiomError {
  const pid = readProcessFile(processPath);
  const who = pid === undefined ? 'The Idiom daemon' : `The Idiom daemon, process ${pid},`;
  return new IdiomError('daemonUnreachable', `${who} does not answer.`, {
    remedy: 'Run `idiom daemon stop --force`; editors start it again.',
  });
}

/**
 * Kills the daemon that holds the lock and removes the socket that it leaves behind. Answers its process id.
 * @throws IdiomError `daemonUnreachable` when it is not known which process that is, or it does not end.
 */
export async function killDaemon(context: EndingContext): Promise<number> {
  const { processPath } = context;
  const pid = readProcessFile(processPath);
  if (pid === undefined) {
    throw new IdiomError('daemonUnreachable', 'It is not known which process the daemon is.', {
      remedy: 'Look for a process named "idiom daemon run" and end it.',
    });
  }
  process.kill(pid, 'SIGKILL');
  if (!(await hasEnded(pid, context))) {
    throw new IdiomError('daemonUnreachable', `Process ${pid} does not end.`, {
      remedy: 'Restart the computer if it stays.',
    });
  }
  await tidy(context);
  return pid;
}

/** Whether the daemon of this process id has ended, after some seconds at most. */
export async function hasEnded(pid: number, { clock, signal, processPath }: EndingContext): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < endTimeoutMs; waitedMs += pollMs) {
    if (readProcessFile(processPath) !== pid) return true;
    await delay(clock, pollMs, signal);
  }
  return false;
}

/** The socket is that of whoever holds the lock; by now that may be a new daemon, whose socket stays. */
async function tidy({ lockPath, socketPath, processPath, clock, signal }: EndingContext): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const lock = acquireLock(lockPath);
    if (lock === undefined) {
      await delay(clock, pollMs, signal);
      continue;
    }
    try {
      if (process.platform !== 'win32') rmSync(socketPath, { force: true });
      rmSync(processPath, { force: true });
    } finally {
      lock.dispose();
    }
    return;
  }
}
