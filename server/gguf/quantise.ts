/**
 * Turns single-precision weights into tensor bytes with the rounding of ggml's reference quantisers.
 * Source: `quantize_row_q4_0_ref` and `quantize_row_q8_0_ref` in
 * https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c. Each step is rounded to single precision, as there.
 */

import { floatToBfloat, floatToHalf } from './float16.ts';
import { tensorSizeBytes, tensorTypes } from './format.ts';

export type QuantisableType = 'F32' | 'F16' | 'BF16' | 'Q4_0' | 'Q8_0';

const { fround } = Math;

/** @throws RangeError when the weights are no whole number of blocks. */
export function quantise(type: QuantisableType, weights: Float32Array): Uint8Array {
  if (weights.length % tensorTypes[type].blockSize !== 0)
    throw new RangeError(`${weights.length} weights are no whole number of ${type} blocks.`);
  const out = new Uint8Array(tensorSizeBytes(type, weights.length));
  quantisers[type](weights, out);
  return out;
}

const quantisers: Record<QuantisableType, (weights: Float32Array, out: Uint8Array) => void> = {
  F32: (weights, out) => {
    const view = new DataView(out.buffer);
    weights.forEach((weight, i) => view.setFloat32(i * 4, weight, true));
  },
  F16: (weights, out) => weights.forEach((weight, i) => writeUint16(out, i * 2, floatToHalf(weight))),
  BF16: (weights, out) => weights.forEach((weight, i) => writeUint16(out, i * 2, floatToBfloat(weight))),
  Q4_0: quantiseQ4_0,
  Q8_0: quantiseQ8_0,
};

/** The weight furthest from zero becomes q = 0, that is -8 d; so d has the opposite sign of it. */
function quantiseQ4_0(weights: Float32Array, out: Uint8Array): void {
  for (let i = 0, at = 0; i < weights.length; i += 32, at += 18) {
    const d = furthestFromZero(weights, i) / -8;
    const inverse = d === 0 ? 0 : fround(1 / d);
    writeUint16(out, at, floatToHalf(d));
    for (let j = 0; j < 16; j++) {
      const low = Math.min(15, fround(fround(weights[i + j]! * inverse) + 8.5));
      const high = Math.min(15, fround(fround(weights[i + 16 + j]! * inverse) + 8.5));
      out[at + 2 + j] = Math.trunc(low) | (Math.trunc(high) << 4);
    }
  }
}

/** The weight furthest from zero becomes 127 or -127; halves are rounded away from zero. */
function quantiseQ8_0(weights: Float32Array, out: Uint8Array): void {
  for (let i = 0, at = 0; i < weights.length; i += 32, at += 34) {
    const d = fround(Math.abs(furthestFromZero(weights, i)) / 127);
    const inverse = d === 0 ? 0 : fround(1 / d);
    writeUint16(out, at, floatToHalf(d));
    for (let j = 0; j < 32; j++) {
      const scaled = fround(weights[i + j]! * inverse);
      out[at + 2 + j] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
}

/** The first of several equally far. */
function furthestFromZero(weights: Float32Array, from: number): number {
  let furthest = 0;
  for (let j = from; j < from + 32; j++)
    if (Math.abs(weights[j]!) > Math.abs(furthest)) furthest = weights[j]!;
  return furthest;
}

function writeUint16(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 0xff;
  out[at + 1] = value >>> 8;
}
