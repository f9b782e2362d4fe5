/** Masks that hide a part of an adapter's inputs; the same seeds give the same mask, so none needs to be kept. */

import { seededRandom } from '../../base/random.ts';

/**
 * Each of `length` items is 0 with probability `dropout`, rounded to 1/256, else the number that keeps the mean at 1.
 * https://jmlr.org/papers/v15/srivastava14a.html
 */
export function dropoutMask(length: number, dropout: number, seeds: readonly number[]): Float32Array {
  const nDropped = Math.round(dropout * 256);
  const kept = 256 / (256 - nDropped);
  const random = seededRandom(
    seeds.reduce((hash, seed) => Math.imul(hash ^ seed, 0x01000193) >>> 0, 0x811c9dc5),
  );
  const mask = new Float32Array(length);
  let bits = 0;
  for (let i = 0; i < length; i++) {
    bits = i % 4 === 0 ? random.int(2 ** 32) : bits >>> 8;
    mask[i] = (bits & 255) < nDropped ? 0 : kept;
  }
  return mask;
}
