/**
 * Dequantises the super-block types Q2_K to Q6_K: 256 weights share half-precision scales, and each group of 16 or
 * 32 has a small scale of its own. Products are rounded to single precision where ggml's are.
 * Source: the block structs in https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h and
 * `dequantize_row_q*_K` in src/ggml-quants.c.
 */

import { halfTable } from './float16.ts';

const superBlock = 256;
const { fround } = Math;

/** 16 bytes of scale (low 4 bits) and minimum (high 4), 64 bytes of q (2 bits), d, dmin. Groups of 16. */
export function dequantiseQ2K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 84, o += superBlock) {
    const d = half[bytes[at + 80]! | (bytes[at + 81]! << 8)]!;
    const dmin = half[bytes[at + 82]! | (bytes[at + 83]! << 8)]!;
    for (let group = 0; group < 16; group++) {
      const scale = fround(d * (bytes[at + group]! & 15));
      const min = fround(dmin * (bytes[at + group]! >> 4));
      const qAt = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      for (let j = 0; j < 16; j++)
        out[o + group * 16 + j] = fround(scale * ((bytes[qAt + j]! >> shift) & 3)) - min;
    }
  }
}

/** 32 bytes of third bits, 64 bytes of q (2 bits), 12 bytes of 6-bit scales, d. Groups of 16. */
export function dequantiseQ3K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 110, o += superBlock) {
    const d = half[bytes[at + 108]! | (bytes[at + 109]! << 8)]!;
    for (let group = 0; group < 16; group++) {
      const scale = fround(d * (scaleOfQ3K(bytes, at + 96, group) - 32));
      const lane = (group & 1) * 16;
      const qAt = at + 32 + (group >> 3) * 32 + lane;
      const shift = ((group >> 1) & 3) * 2;
      const highBit = group >> 1;
      for (let j = 0; j < 16; j++) {
        const isHigh = (bytes[at + lane + j]! >> highBit) & 1;
        out[o + group * 16 + j] = scale * (((bytes[qAt + j]! >> shift) & 3) - (isHigh === 1 ? 0 : 4));
      }
    }
  }
}

/** Low four bits in the first 8 bytes, the two high ones in the last 4. */
function scaleOfQ3K(bytes: Uint8Array, at: number, group: number): number {
  const low = (bytes[at + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15;
  const high = (bytes[at + 8 + (group & 3)]! >> ((group >> 2) * 2)) & 3;
  return low | (high << 4);
}

/** d, dmin, 12 bytes of 6-bit scales and minima, 128 bytes of q (4 bits). Groups of 32. */
export function dequantiseQ4K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 144, o += superBlock) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const dmin = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let group = 0; group < 8; group++) {
      const scale = fround(d * scaleOf(bytes, at + 4, group));
      const min = fround(dmin * minOf(bytes, at + 4, group));
      const qAt = at + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++)
        out[o + group * 32 + j] = fround(scale * ((bytes[qAt + j]! >> shift) & 15)) - min;
    }
  }
}

/** As Q4_K, with 32 bytes of fifth bits before q. */
export function dequantiseQ5K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 176, o += superBlock) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const dmin = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let group = 0; group < 8; group++) {
      const scale = fround(d * scaleOf(bytes, at + 4, group));
      const min = fround(dmin * minOf(bytes, at + 4, group));
      const qAt = at + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++) {
        const high = (bytes[at + 16 + j]! >> group) & 1;
        out[o + group * 32 + j] = fround(scale * (((bytes[qAt + j]! >> shift) & 15) | (high << 4))) - min;
      }
    }
  }
}

/** 128 bytes of the low 4 bits, 64 of the high 2, 16 signed scales, d. Groups of 16. */
export function dequantiseQ6K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, o = 0; at < bytes.length; at += 210, o += superBlock) {
    const d = half[bytes[at + 208]! | (bytes[at + 209]! << 8)]!;
    for (let group = 0; group < 16; group++) {
      const scale = fround(d * signed[at + 192 + group]!);
      const eighth = (group >> 1) & 3;
      const lane = (group & 1) * 16;
      const lowAt = at + (group >> 3) * 64 + (eighth & 1) * 32 + lane;
      const highAt = at + 128 + (group >> 3) * 32 + lane;
      for (let j = 0; j < 16; j++) {
        const low = (bytes[lowAt + j]! >> (eighth < 2 ? 0 : 4)) & 15;
        const high = (bytes[highAt + j]! >> (eighth * 2)) & 3;
        out[o + group * 16 + j] = scale * ((low | (high << 4)) - 32);
      }
    }
  }
}

/** 6-bit scale of a group of Q4_K and Q5_K: whole in bytes 0-3 for the first four, then split over bytes 8-11 and 0-3. */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63;
  return (bytes[at + 4 + group]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);
}

/** 6-bit minimum, likewise in bytes 4-7, then bytes 8-11 and 4-7. */
function minOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + 4 + group]! & 63;
  return (bytes[at + 4 + group]! >> 4) | ((bytes[at + group]! >> 6) << 4);
}
