/**
 * Matrix products in 8-bit integers, for weights that are not trained: a third of the time where the processor has
 * instructions for them, and a quarter of the memory. Each row of x (m, k) and each column of a weight (k, n) has its own
 * scale. The operator is onnxruntime's own. Derivatives by x are the caller's to give.
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulIntegerToFloat
 */

import { buildModel } from './buildModel.ts';
import { openOnnxSession } from './onnxSession.ts';
import { mul } from './operations.ts';
import { constant, input, integers, node, scalar } from './value.ts';
import type { Value } from './value.ts';

/** items[i, j] times scale[j] is the weight (k, n). */
export interface IntegerMatrix {
  /** int8 */
  readonly items: Value;
  /** (n) */
  readonly scale: Value;
}

/** Zero as an unsigned integer. */
const zeroPoint = 128;
const largest = 127;
/** Keeps a scale from being 0. */
const smallest = 1e-30;
const tileSize = 64;

/** x w, where x is rounded to 1/127 of the largest item of its row; see spreadOutliers.ts. */
export function integerMatmul(x: Value, w: IntegerMatrix): Value {
  const scale = rowScale(x);
  return mul(product(quantise(x, scale), w), scale);
}

export interface StoredIntegers {
  readonly items: Int8Array;
  readonly scale: Float32Array;
}

/** The weight (k, n) whose columns are the rows of `rows` (n, k). */
export function integersOfRows(rows: Float32Array, nRows: number): StoredIntegers {
  const width = rows.length / nRows;
  const items = new Int8Array(rows.length);
  const scale = new Float32Array(nRows).fill(smallest);
  for (let i = 0; i < rows.length; i++) {
    const row = Math.floor(i / width);
    scale[row] = Math.max(scale[row] as number, Math.abs(rows[i] as number));
  }
  // In tiles, since one side of a transpose always jumps.
  for (let tile = 0; tile < width; tile += tileSize) {
    const end = Math.min(tile + tileSize, width);
    for (let i = 0; i < nRows; i++) {
      const factor = largest / (scale[i] as number);
      for (let j = tile; j < end; j++)
        items[j * nRows + i] = Math.round((rows[i * width + j] as number) * factor);
    }
  }
  return { items, scale: scale.map((max) => max / largest) };
}

/** The weight (n, k) that is `rows`. */
export function integersOfColumns(rows: Float32Array, nRows: number): StoredIntegers {
  const width = rows.length / nRows;
  const items = new Int8Array(rows.length);
  const scale = new Float32Array(width).fill(smallest);
  for (let i = 0; i < rows.length; i++) {
    const column = i % width;
    scale[column] = Math.max(scale[column] as number, Math.abs(rows[i] as number));
  }
  const factors = scale.map((max) => largest / max);
  for (let i = 0; i < rows.length; i++)
    items[i] = Math.round((rows[i] as number) * (factors[i % width] as number));
  return { items, scale: scale.map((max) => max / largest) };
}

/**
 * Whether this processor multiplies them rightly: some x86 ones without VNNI sum pairs in 16 bits, which overflow.
 * https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#when-and-why-do-i-need-to-try-u8u8
 */
export async function canMultiplyIntegers(): Promise<boolean> {
  const [k, n] = [64, 16];
  const items = constant(new Int8Array(k * n).fill(largest), [k, n]);
  const y = integerMatmul(input('x', [1, k]), { items, scale: constant(new Float32Array(n).fill(1), [n]) });
  const session = await openOnnxSession(buildModel({ outputs: { y } }), { threads: 1 });
  try {
    const results = await session.run({ x: new Float32Array(k).fill(1) });
    return results['y']?.every((value) => Math.abs(value / (k * largest) - 1) < 1e-3) === true;
  } finally {
    session.dispose();
  }
}

/** (m, 1), never 0. */
function rowScale(x: Value): Value {
  const [m = 1] = x.shape;
  const size = node('Abs', [x], x.shape);
  const max = node('ReduceMax', [size, integers([-1])], [m, 1], { attributes: { keepdims: 1 } });
  return mul(node('Max', [max, scalar(smallest)], [m, 1]), scalar(1 / largest));
}

function quantise(x: Value, scale: Value): Value {
  return node('QuantizeLinear', [x, flat(scale), zeros(scale)], x.shape, {
    attributes: { axis: 0 },
    type: 'uint8',
  });
}

function flat(scale: Value): Value {
  const [m = 1] = scale.shape;
  return node('Reshape', [scale, integers([m])], [m]);
}

function zeros(scale: Value): Value {
  const [m = 1] = scale.shape;
  return constant(new Uint8Array(m).fill(zeroPoint), [m]);
}

function product(x: Value, { items, scale }: IntegerMatrix): Value {
  const zero = constant(Uint8Array.of(zeroPoint), []);
  const shape = [x.shape[0] ?? 1, items.shape[1] ?? 1];
  const inputs = [x, items, scalar(1), scale, zero];
  return node('MatMulIntegerToFloat', inputs, shape, { domain: 'com.microsoft' });
}
