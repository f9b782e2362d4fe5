/** Reads little-endian values from a file through a small window; knows no format and never reads past a limit. */

import type { FileHandle } from 'node:fs/promises';
import type { ScalarType } from './format.ts';

const windowSizeBytes = 1 << 20;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Thrown when the file ends, or the limit is reached, before a value does. */
export class OutOfBytes extends Error {}

/**
 * `await ensure(n)` makes n bytes readable, then the reads of those bytes are synchronous.
 * Memory is bounded by the larger of 1 MiB and the largest n asked for.
 */
export class FileCursor {
  readonly #file: FileHandle;
  readonly #endBytes: number;
  #window = Buffer.alloc(0);
  #windowStartBytes = 0;
  #at = 0;

  /** Reads at most the first `endBytes` of the file. */
  constructor(file: FileHandle, endBytes: number) {
    this.#file = file;
    this.#endBytes = endBytes;
  }

  get offsetBytes(): number {
    return this.#windowStartBytes + this.#at;
  }

  get remainingBytes(): number {
    return this.#endBytes - this.offsetBytes;
  }

  /** Undefined when the bytes are here already, so that loops need not wait. @throws OutOfBytes */
  ensure(nBytes: number): Promise<void> | undefined {
    if (this.#at + nBytes <= this.#window.length) return undefined;
    if (nBytes > this.remainingBytes) throw new OutOfBytes();
    return this.#fill(nBytes);
  }

  scalar(type: ScalarType): number | bigint | boolean {
    const at = this.#at;
    switch (type) {
      case 'uint8':
        this.#at += 1;
        return this.#window.readUInt8(at);
      case 'int8':
        this.#at += 1;
        return this.#window.readInt8(at);
      case 'bool':
        this.#at += 1;
        return this.#window.readUInt8(at) !== 0;
      case 'uint16':
        this.#at += 2;
        return this.#window.readUInt16LE(at);
      case 'int16':
        this.#at += 2;
        return this.#window.readInt16LE(at);
      case 'uint32':
        return this.uint32();
      case 'int32':
        this.#at += 4;
        return this.#window.readInt32LE(at);
      case 'float32':
        this.#at += 4;
        return this.#window.readFloatLE(at);
      case 'float64':
        this.#at += 8;
        return this.#window.readDoubleLE(at);
      case 'uint64':
        this.#at += 8;
        return narrow(this.#window.readBigUInt64LE(at));
      case 'int64':
        this.#at += 8;
        return narrow(this.#window.readBigInt64LE(at));
    }
  }

  uint32(): number {
    this.#at += 4;
    return this.#window.readUInt32LE(this.#at - 4);
  }

  /** A length or count: Infinity when it is more than a number can hold exactly. */
  length(): number {
    this.#at += 8;
    const high = this.#window.readUInt32LE(this.#at - 4);
    const value = high * 2 ** 32 + this.#window.readUInt32LE(this.#at - 8);
    return Number.isSafeInteger(value) ? value : Infinity;
  }

  /** Bytes that are not UTF-8 become U+FFFD, as some old models carry them in their vocabularies. */
  text(nBytes: number): string {
    this.#at += nBytes;
    return utf8.decode(this.#window.subarray(this.#at - nBytes, this.#at));
  }

  async #fill(nBytes: number): Promise<void> {
    const startBytes = this.offsetBytes;
    const sizeBytes = Math.min(Math.max(nBytes, windowSizeBytes), this.#endBytes - startBytes);
    const window = Buffer.allocUnsafe(sizeBytes);
    for (let done = 0; done < sizeBytes;) {
      const { bytesRead } = await this.#file.read(window, done, sizeBytes - done, startBytes + done);
      if (bytesRead === 0) throw new OutOfBytes();
      done += bytesRead;
    }
    this.#window = window;
    this.#windowStartBytes = startBytes;
    this.#at = 0;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
