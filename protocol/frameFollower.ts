/**
 * Follows messages through a stream of bytes and keeps none of their bodies, however long they are. Framing:
 * https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#headerPart
 */

export type FramePart =
  /** A whole header, as it came. */
  | { readonly kind: 'header'; readonly bytes: Buffer; readonly lengthBytes: number }
  /** Some of the body, in order; `nLeft` bytes of it are to come. */
  | { readonly kind: 'body'; readonly bytes: Buffer; readonly nLeft: number };

const maxHeaderBytes = 4096;
const headerEnd = '\r\n\r\n';

export class FrameFollower {
  #nLeft = 0;
  #header = '';

  /**
   * What the next bytes of the stream are. A message without a body has no `body` part.
   * @throws when a header is longer than 4 KiB or names no valid Content-Length; what follows can't be understood then.
   */
  *follow(chunk: Buffer): Generator<FramePart> {
    for (let at = 0; at < chunk.length;) {
      if (this.#nLeft > 0) {
        const bytes = chunk.subarray(at, at + this.#nLeft);
        this.#nLeft -= bytes.length;
        at += bytes.length;
        yield { kind: 'body', bytes, nLeft: this.#nLeft };
        continue;
      }
      this.#header += String.fromCharCode(chunk[at++] ?? 0);
      if (this.#header.length > maxHeaderBytes) throw new Error('The message header is too long.');
      if (!this.#header.endsWith(headerEnd)) continue;
      const length = /^content-length: *(\d{1,12}) *\r$/im.exec(this.#header)?.[1];
      if (length === undefined) throw new Error('The message header has no Content-Length.');
      const bytes = Buffer.from(this.#header, 'latin1');
      this.#header = '';
      this.#nLeft = Number(length);
      yield { kind: 'header', bytes, lengthBytes: this.#nLeft };
    }
  }
}
