/** Greets whoever listens on the daemon's socket, within a deadline: a process that is stuck still accepts connections. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { requestOnce } from './messageFrame.ts';
import { messageNames } from './messages.ts';
import type { HelloParams, HelloResult } from './messages.ts';

/** What a deadline needs of a clock. */
export interface DeadlineClock {
  setTimer(delayMs: number, callback: () => void): { dispose(): void };
}

export type Greeting =
  /** Nobody listens, or the one that did went away while it was greeted. */
  | { readonly kind: 'absent' }
  /** It accepted the connection, or should have, and has said nothing by the deadline. */
  | { readonly kind: 'silent' }
  /** `socket` is paused and reads as if there had been no greeting; `hello` is undefined where that is not known. */
  | { readonly kind: 'answer'; readonly socket: Socket; readonly hello: HelloResult | undefined };

/** A daemon answers within milliseconds, and within a second or two on a machine that has no time. */
export const answerTimeoutMs = 5_000;

/** Never makes a daemon leave, as it is older than any. */
export const anyVersion = '0.0.0';

/** @throws the system's error when the socket may not be used (EACCES, EPERM). */
export async function greetDaemon(
  socketPath: string,
  params: HelloParams,
  clock: DeadlineClock,
  timeoutMs = answerTimeoutMs,
): Promise<Greeting> {
  const socket = connect(socketPath);
  let isSilent = false;
  const timer = clock.setTimer(timeoutMs, () => {
    isSilent = true;
    socket.destroy(new Error('The daemon does not answer.'));
  });
  try {
    await connected(socket);
    const hello = (await requestOnce(socket, messageNames.hello, params)) as HelloResult | undefined;
    return { kind: 'answer', socket, hello };
  } catch (error) {
    socket.destroy();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw error;
    return isSilent ? { kind: 'silent' } : { kind: 'absent' };
  } finally {
    timer.dispose();
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.off('error', reject);
      // A later error always comes with `close`, which is what the others listen to.
      socket.on('error', () => undefined);
      resolve();
    });
    socket.once('error', reject);
  });
}
