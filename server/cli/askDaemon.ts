/** Asks the daemon of this user one question over its socket, if one is running; starts none. */

import type { Socket } from 'node:net';
import { anyVersion, greetDaemon } from '../../protocol/greetDaemon.ts';
import { encodeFrame } from '../../protocol/messageFrame.ts';
import { FrameFollower } from '../../protocol/frameFollower.ts';
import { messageNames, protocolVersion } from '../../protocol/messages.ts';
import type { Clock } from '../base/clock.ts';
import { IdiomError } from '../base/errors.ts';
import { silentDaemon } from './silentDaemon.ts';

export type DaemonAnswer<T> = { readonly kind: 'noDaemon' } | { readonly kind: 'answer'; readonly result: T };

export interface AskedDaemon {
  readonly socketPath: string;
  readonly processPath: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** JSON-RPC: https://www.jsonrpc.org/specification#error_object */
const methodNotFound = -32601;
/** An answer may take minutes; a daemon that lives answers another question meanwhile. */
const pingEveryMs = 10_000;
const longestSilenceMs = 30_000;

/**
 * `noDaemon` also when the one that runs is too old to know the question.
 * @throws IdiomError `daemonUnreachable` when it does not answer, or hangs up before it has answered; `badMessage` with
 *   its sentence when it answers with an error; the signal's reason when aborted.
 */
export async function askDaemon<T>(
  daemon: AskedDaemon,
  question: { readonly method: string; readonly params: object },
): Promise<DaemonAnswer<T>> {
  const { signal } = daemon;
  const socket = await open(daemon);
  if (socket === undefined) return { kind: 'noDaemon' };
  const hangUp = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', hangUp, { once: true });
  const watch = watchSilence(socket, daemon);
  try {
    signal.throwIfAborted();
    // As any client: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#initialize
    const nobody = { processId: null, rootUri: null, capabilities: {} };
    send(socket, { id: 0, method: 'initialize', params: nobody });
    send(socket, { id: 1, ...question });
    const answer = await answerTo(1, socket);
    if (answer.error === undefined) return { kind: 'answer', result: answer.result as T };
    if (answer.error.code === methodNotFound) return { kind: 'noDaemon' };
    throw new IdiomError('badMessage', answer.error.message);
  } finally {
    signal.removeEventListener('abort', hangUp);
    watch.dispose();
    socket.destroy();
  }
}

/** Undefined when nobody listens. */
async function open({ socketPath, processPath, clock }: AskedDaemon): Promise<Socket | undefined> {
  let greeting;
  try {
    greeting = await greetDaemon(socketPath, { protocolVersion, version: anyVersion }, clock);
  } catch (error) {
    throw unreachable(error);
  }
  if (greeting.kind === 'silent') throw silentDaemon(processPath);
  return greeting.kind === 'absent' ? undefined : greeting.socket;
}

/** Ends the socket with an error once nothing has come from it for long, whatever it was asked. */
function watchSilence(
  socket: Socket,
  { clock, processPath }: Pick<AskedDaemon, 'clock' | 'processPath'>,
): { dispose(): void } {
  let heardAtMs = clock.monotonicMs();
  socket.on('data', () => (heardAtMs = clock.monotonicMs()));
  const look = () => {
    if (clock.monotonicMs() - heardAtMs >= longestSilenceMs) return socket.destroy(silentDaemon(processPath));
    // An error for an answer shows as well that it lives.
    send(socket, { id: 'idiom-ping', method: messageNames.ping });
    timer = clock.setTimer(pingEveryMs, look);
    return undefined;
  };
  let timer = clock.setTimer(pingEveryMs, look);
  return { dispose: () => timer.dispose() };
}

interface Message {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function send(socket: Socket, message: object): void {
  socket.write(encodeFrame({ jsonrpc: '2.0', ...message }));
}

/** What else comes before it is passed over. */
async function answerTo(id: number, socket: Socket): Promise<Message> {
  const follower = new FrameFollower();
  let body: Buffer[] = [];
  for await (const piece of socket as AsyncIterable<Buffer>) {
    for (const part of follower.follow(piece)) {
      if (part.kind === 'header') body = [];
      else body.push(part.bytes);
      if (part.kind === 'header' || part.nLeft > 0) continue;
      const message = JSON.parse(Buffer.concat(body).toString()) as Message;
      if (message.id === id && ('result' in message || 'error' in message)) return message;
    }
  }
  throw unreachable();
}

function unreachable(cause?: unknown): IdiomError {
  return new IdiomError('daemonUnreachable', 'The daemon ended before it had answered.', {
    remedy: 'Try again; "idiom doctor" looks for what may be wrong.',
    cause,
  });
}
