/** Bounds what a client may send, before the JSON-RPC reader buffers it; the content is not looked at. */

import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** A 10 MB document as JSON, with room for escapes. */
const maxMessageBytes = 64 * 2 ** 20;
const maxHeaderBytes = 4096;

/**
 * Passes LSP base-protocol bytes through unchanged and ends the stream with an error when a header is longer than 4 KiB,
 * names no valid Content-Length, or announces more than 64 MiB.
 * https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#headerPart
 */
export class MessageGuard extends Transform {
  #bodyBytesLeft = 0;
  #header = '';

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#bodyBytesLeft > 0) {
        const taken = Math.min(this.#bodyBytesLeft, chunk.length - at);
        this.#bodyBytesLeft -= taken;
        at += taken;
        continue;
      }
      const problem = this.#readHeaderByte(chunk[at] ?? 0);
      at++;
      if (problem !== undefined) return done(new Error(problem));
    }
    done(null, chunk);
  }

  #readHeaderByte(byte: number): string | undefined {
    this.#header += String.fromCharCode(byte);
    if (this.#header.length > maxHeaderBytes) return 'The message header is too long.';
    if (!this.#header.endsWith('\r\n\r\n')) return undefined;
    const length = /^content-length: *(\d{1,12}) *\r$/im.exec(this.#header)?.[1];
    if (length === undefined) return 'The message header has no Content-Length.';
    if (Number(length) > maxMessageBytes) return `A message of ${length} bytes is too long.`;
    this.#bodyBytesLeft = Number(length);
    this.#header = '';
    return undefined;
  }
}
