/**
 * Keeps what the frozen lower layers made of a sequence, which is the same in each pass over the data. Computes nothing.
 * When it is full it stays as it is: passes go in circles, and what is evicted would be what is needed next.
 */

import { digestOf } from '../../base/digest.ts';
import type { MicroBatch } from './microBatches.ts';

export class FrozenCache {
  readonly #maxBytes: number;
  readonly #values = new Map<string, Float32Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** (nSequences x nTokens, C), or undefined when a sequence is not known. */
  get(batch: MicroBatch): Float32Array | undefined {
    if (this.#values.size === 0) return undefined;
    const known = keysOf(batch).map((key) => this.#values.get(key));
    if (!known.every((values) => values !== undefined)) return undefined;
    const [first] = known;
    if (known.length === 1) return first;
    const all = new Float32Array(known.length * (first?.length ?? 0));
    known.forEach((values, sequence) => all.set(values, sequence * values.length));
    return all;
  }

  add(batch: MicroBatch, x: Float32Array): void {
    const length = x.length / batch.nSequences;
    const sizeBytes = length * x.BYTES_PER_ELEMENT;
    keysOf(batch).forEach((key, sequence) => {
      if (this.#values.has(key) || this.#bytes + sizeBytes > this.#maxBytes) return;
      this.#values.set(key, x.slice(sequence * length, (sequence + 1) * length));
      this.#bytes += sizeBytes;
    });
  }
}

/** Tokens with their padding, so that the same key means the same length. */
function keysOf({ inputs, nSequences, nTokens }: MicroBatch): string[] {
  return Array.from({ length: nSequences }, (_, i) => {
    const tokens = inputs.slice(i * nTokens, (i + 1) * nTokens);
    return digestOf(new Uint8Array(tokens.buffer));
  });
}
