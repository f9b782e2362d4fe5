/**
 * Turns quantised tensor bytes into single-precision weights, bit for bit as ggml's reference does.
 * Letters: d scale of a block, m its minimum, q the small integers. Super-block types are in dequantiseK.ts.
 */

import { IdiomError } from '../base/errors.ts';
import { dequantiseQ2K, dequantiseQ3K, dequantiseQ4K, dequantiseQ5K, dequantiseQ6K } from './dequantiseK.ts';
import { halfTable } from './float16.ts';
import { tensorTypes } from './format.ts';
import type { TensorType } from './format.ts';

/** Writes the weights of whole blocks to `out`. */
type Dequantiser = (bytes: Uint8Array, out: Float32Array) => void;

/** Source: `dequantize_row_*` in https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c. */
const dequantisers: Partial<Record<TensorType, Dequantiser>> = {
  F32: dequantiseF32,
  F16: dequantiseF16,
  BF16: dequantiseBF16,
  Q4_0: dequantiseQ4_0,
  Q4_1: dequantiseQ4_1,
  Q5_0: dequantiseQ5_0,
  Q5_1: dequantiseQ5_1,
  Q8_0: dequantiseQ8_0,
  Q2_K: dequantiseQ2K,
  Q3_K: dequantiseQ3K,
  Q4_K: dequantiseQ4K,
  Q5_K: dequantiseQ5K,
  Q6_K: dequantiseQ6K,
};

export function canDequantise(type: TensorType): boolean {
  return dequantisers[type] !== undefined;
}

/**
 * Weights of `bytes`, in the order of the file (rows first).
 * @throws IdiomError `modelUnsupported` for a type without a dequantiser; RangeError for a part of a block.
 */
export function dequantise(type: TensorType, bytes: Uint8Array): Float32Array {
  const run = dequantisers[type];
  if (run === undefined)
    throw new IdiomError('modelUnsupported', `Weights of type ${type} cannot be read here.`, {
      remedy: 'Choose a model quantised as Q4_0, Q8_0, Q4_K_M or similar.',
    });
  const { blockSize, blockSizeBytes } = tensorTypes[type];
  if (bytes.length % blockSizeBytes !== 0)
    throw new RangeError(`${bytes.length} bytes are no whole number of ${type} blocks.`);
  const out = new Float32Array((bytes.length / blockSizeBytes) * blockSize);
  run(bytes, out);
  return out;
}

function dequantiseF32(bytes: Uint8Array, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(i * 4, true);
}

function dequantiseF16(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let i = 0; i < out.length; i++) out[i] = half[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
}

function dequantiseBF16(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < out.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
}

/** d, 16 bytes of two 4-bit q: the low halves are weights 0-15, the high ones 16-31. Weight = d (q - 8). */
function dequantiseQ4_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 18, o += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j]!;
      out[o + j] = d * ((q & 15) - 8);
      out[o + 16 + j] = d * ((q >> 4) - 8);
    }
  }
}

/** d, m, then q as in Q4_0. Weight = d q + m. */
function dequantiseQ4_1(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 20, o += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const m = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 4 + j]!;
      out[o + j] = d * (q & 15) + m;
      out[o + 16 + j] = d * (q >> 4) + m;
    }
  }
}

/** d, 32 fifth bits, then the lower four bits as in Q4_0. Weight = d (q - 16). */
function dequantiseQ5_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 22, o += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const high = readUint32(bytes, at + 2);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 6 + j]!;
      out[o + j] = d * (((q & 15) | (((high >>> j) & 1) << 4)) - 16);
      out[o + 16 + j] = d * (((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16);
    }
  }
}

/** d, m, 32 fifth bits, lower four bits. Weight = d q + m. */
function dequantiseQ5_1(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  for (let at = 0, o = 0; at < bytes.length; at += 24, o += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const m = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    const high = readUint32(bytes, at + 4);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 8 + j]!;
      out[o + j] = Math.fround(d * ((q & 15) | (((high >>> j) & 1) << 4))) + m;
      out[o + 16 + j] = Math.fround(d * ((q >> 4) | (((high >>> (j + 16)) & 1) << 4))) + m;
    }
  }
}

/** d, 32 signed bytes. Weight = d q. */
function dequantiseQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, o = 0; at < bytes.length; at += 34, o += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 32; j++) out[o + j] = d * signed[at + 2 + j]!;
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
