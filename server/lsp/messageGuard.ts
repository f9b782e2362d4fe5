/** Bounds what a client may send, before the JSON-RPC reader buffers it: what is too long is passed over and answered. */

import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { FrameFollower } from '../../protocol/frameFollower.ts';
import type { FramePart } from '../../protocol/frameFollower.ts';
import { encodeFrame } from '../../protocol/messageFrame.ts';
import { MessageOutline } from './messageOutline.ts';
import type { Outline } from './messageOutline.ts';

/** The longest document that is kept (maxDocumentChars), each character escaped; a longer one need not be taken in. */
export const maxMessageBytes = 16 * 2 ** 20;
/** Six bytes for each of the 50 million characters that VS Code sends at most, and no more than anyone would wait for. */
const maxSkippedBytes = 2 ** 31;

/** Takes the place of a message that was passed over, where that told of a document. A client may not send it. */
export const tooLongMethod = '$/idiomTooLong';

export interface TooLong extends Outline {
  readonly lengthBytes: number;
}

/**
 * Passes LSP base-protocol bytes through unchanged. A message above `maxMessageBytes` is left out without being kept:
 * a notification becomes `$/idiomTooLong` with its document, an answer becomes an error, a request is told of by `onTooLong`.
 * Ends the stream with an error when the bytes are no LSP, or a message claims more than 2 GiB.
 */
export class MessageGuard extends Transform {
  readonly #frames = new FrameFollower();
  readonly #onTooLong: (message: TooLong) => void;
  readonly #maxBytes: number;
  #skipped: { readonly outline: MessageOutline; readonly lengthBytes: number } | undefined;

  constructor(onTooLong: (message: TooLong) => void, maxBytes = maxMessageBytes) {
    super();
    this.#onTooLong = onTooLong;
    this.#maxBytes = maxBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (const part of this.#frames.follow(chunk)) this.#pass(part);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #pass(part: FramePart): void {
    if (part.kind === 'header') {
      const { lengthBytes } = part;
      if (lengthBytes > maxSkippedBytes) throw new Error(`A message of ${lengthBytes} bytes is too long.`);
      if (lengthBytes > this.#maxBytes) this.#skipped = { outline: new MessageOutline(), lengthBytes };
      else this.push(part.bytes);
      return;
    }
    if (this.#skipped === undefined) return void this.push(part.bytes);
    this.#skipped.outline.read(part.bytes);
    if (part.nLeft > 0) return;
    const { outline, lengthBytes } = this.#skipped;
    this.#skipped = undefined;
    this.#replace({ ...outline.outline, lengthBytes });
  }

  #replace(message: TooLong): void {
    const { method, id, uri } = message;
    this.#onTooLong(message);
    if (method === undefined && id !== undefined)
      this.push(encodeFrame({ jsonrpc: '2.0', id, error: tooLongError(message) }));
    else if (id === undefined && uri !== undefined)
      this.push(encodeFrame({ jsonrpc: '2.0', method: tooLongMethod, params: { uri } }));
  }
}

/** https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#errorCodes: RequestFailed */
export function tooLongError({ lengthBytes }: TooLong): { readonly code: number; readonly message: string } {
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return {
    code: -32803,
    message: `A message of ${megabytes(lengthBytes)} MB is too long; at most ${megabytes(maxMessageBytes)} MB are read.`,
  };
}
