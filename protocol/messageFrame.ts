/**
 * Base protocol framing (https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#headerPart)
 * for the one exchange that precedes the LSP client: `idiom/hello`. All other messages are the client's.
 */

import type { Socket } from 'node:net';

/** Bytes of a header that never ends; no honest one is that long. */
const maxHeaderBytes = 4096;
const maxBodyBytes = 1_000_000;

export interface Frame {
  readonly body: string;
  /** Bytes from the start of the buffer up to the next frame. */
  readonly lengthBytes: number;
}

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/**
 * The first frame in `buffer`, or undefined when it is not complete yet.
 * @throws when the bytes are no frame at all.
 */
export function decodeFrame(buffer: Buffer): Frame | undefined {
  const headerEnd = buffer.indexOf('\r\n\r\n');
  if (headerEnd === -1) {
    if (buffer.length > maxHeaderBytes) throw new Error('What answers on the socket does not speak LSP.');
    return undefined;
  }
  const length = /^content-length: *(\d+)\s*$/im.exec(buffer.toString('latin1', 0, headerEnd))?.[1];
  if (length === undefined || Number(length) > maxBodyBytes) {
    throw new Error('What answers on the socket does not speak LSP.');
  }
  const start = headerEnd + 4;
  const end = start + Number(length);
  if (buffer.length < end) return undefined;
  return { body: buffer.toString('utf8', start, end), lengthBytes: end };
}

const helloId = 'idiom-hello';

/**
 * Sends one request and resolves with its `result`, or undefined when the other side does not know the method.
 * Messages that come first are put back, so that the socket afterwards reads as if this exchange had not been.
 */
export function requestOnce(socket: Socket, method: string, params: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    const kept: Buffer[] = [];
    const onData = (bytes: Buffer) => {
      buffer = Buffer.concat([buffer, bytes]);
      try {
        const reply = takeReply();
        if (reply !== undefined) finish(() => resolve(reply.result));
      } catch (error) {
        finish(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    const onClose = () => finish(() => reject(new Error('The daemon closed the connection at once.')));

    function takeReply(): { result: unknown } | undefined {
      for (let frame = decodeFrame(buffer); frame !== undefined; frame = decodeFrame(buffer)) {
        const message = JSON.parse(frame.body) as { id?: unknown; method?: unknown; result?: unknown };
        const bytes = buffer.subarray(0, frame.lengthBytes);
        buffer = buffer.subarray(frame.lengthBytes);
        if (message.id === helloId && message.method === undefined) return { result: message.result };
        kept.push(bytes);
      }
      return undefined;
    }

    function finish(settle: () => void): void {
      socket.off('data', onData);
      socket.off('close', onClose);
      socket.off('error', onClose);
      socket.pause();
      const rest = Buffer.concat([...kept, buffer]);
      if (rest.length > 0) socket.unshift(rest);
      settle();
    }

    socket.on('data', onData);
    socket.on('close', onClose);
    socket.on('error', onClose);
    socket.write(encodeFrame({ jsonrpc: '2.0', id: helloId, method, params }));
  });
}
