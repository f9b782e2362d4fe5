/** Half precision (IEEE 754 binary16) and bfloat16, to and from single precision. */

const floatBox = new Float32Array(1);
const bitsBox = new Uint32Array(floatBox.buffer);

let table: Float32Array | undefined;

/** Single-precision value of each of the 65,536 half-precision bit patterns; made at the first use (256 KiB). */
export function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToFloat(bits));
  return table;
}

/** Bits of the nearest half-precision number, ties to even; too large becomes infinity. IEEE 754-2019, section 4.3.1. */
export function floatToHalf(value: number): number {
  floatBox[0] = value;
  const bits = bitsBox[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x4780_0000) return sign | 0x7c00;
  const isSubnormal = magnitude < 0x3880_0000;
  if (isSubnormal) {
    const exponent = magnitude >>> 23;
    if (exponent < 102) return sign;
    const mantissa = (magnitude & 0x7f_ffff) | 0x80_0000;
    return sign | roundToEven(mantissa, 126 - exponent);
  }
  return sign | roundToEven(magnitude - 0x3800_0000, 13);
}

/** Bits of the nearest bfloat16, ties to even; as `ggml_compute_fp32_to_bf16` in ggml's src/ggml-impl.h. */
export function floatToBfloat(value: number): number {
  floatBox[0] = value;
  const bits = bitsBox[0] ?? 0;
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return (bits >>> 16) | 64;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** `value / 2^shift`, nearest, ties to even; a carry moves into the exponent, as it should. */
function roundToEven(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value - kept * 2 ** shift;
  const half = 2 ** (shift - 1);
  const roundsUp = rest > half || (rest === half && (kept & 1) === 1);
  return roundsUp ? kept + 1 : kept;
}
