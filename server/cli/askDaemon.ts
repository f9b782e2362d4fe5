/** Asks the daemon of this user one question over its socket, if one is running; starts none. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { IdiomError, systemCode } from '../base/errors.ts';

export type DaemonAnswer<T> = { readonly kind: 'noDaemon' } | { readonly kind: 'answer'; readonly result: T };

/** JSON-RPC: https://www.jsonrpc.org/specification#error_object */
const methodNotFound = -32601;
const separator = '\r\n\r\n';

/**
 * `noDaemon` also when the one that runs is too old to know the question.
 * @throws IdiomError `daemonUnreachable` when it hangs up before it has answered, `badMessage` with its sentence when it
 *   answers with an error; the signal's reason when aborted.
 */
export async function askDaemon<T>(
  socketPath: string,
  question: { readonly method: string; readonly params: object },
  signal: AbortSignal,
): Promise<DaemonAnswer<T>> {
  const socket = await open(socketPath);
  if (socket === undefined) return { kind: 'noDaemon' };
  const hangUp = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', hangUp, { once: true });
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
    socket.destroy();
  }
}

/** Undefined when nobody listens. */
function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined);
      else reject(unreachable(error));
    });
  });
}

interface Message {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function send(socket: Socket, message: object): void {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  socket.write(`Content-Length: ${Buffer.byteLength(body)}${separator}${body}`);
}

/** What else comes before it is passed over. */
async function answerTo(id: number, socket: Socket): Promise<Message> {
  let pending = Buffer.alloc(0);
  for await (const piece of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, piece]);
    for (;;) {
      const headEnd = pending.indexOf(separator);
      if (headEnd < 0) break;
      const length = Number(/content-length: *(\d+)/i.exec(pending.toString('ascii', 0, headEnd))?.[1] ?? 0);
      const start = headEnd + separator.length;
      if (pending.length < start + length) break;
      const message = JSON.parse(pending.toString('utf8', start, start + length)) as Message;
      pending = pending.subarray(start + length);
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
