/**
 * Turns rows so that no item stands out: an orthogonal matrix adds and subtracts the items of a row in all ways. Values of
 * language models have a few items that are a hundred times larger than the others, and whoever rounds a row to 8 bits would
 * lose the others. The matrix is its own inverse and its own transpose, so that (x R) (w R)ᵀ is x wᵀ. It consists of Hadamard matrices for 64 items
 * each: mixing these parts among each other as well took half as long again, and losses and gradients were no nearer.
 * Sources: https://arxiv.org/abs/2404.00456 and https://en.wikipedia.org/wiki/Hadamard_matrix
 */

import { matmul, reshape } from './operations.ts';
import { constant } from './value.ts';
import type { Value } from './value.ts';

const maxPart = 64;

/** x R for x (m, k). */
export function spread(x: Value): Value {
  const [m = 1, k = 1] = x.shape;
  const part = partOf(k);
  const parts = reshape(x, [(m * k) / part, part]);
  return reshape(matmul(parts, matrixOf(part)), [m, k]);
}

/** `rows` (n, k) times R. */
export function spreadRows(rows: Float32Array, width: number): Float32Array {
  const result = rows.slice();
  const part = partOf(width);
  for (let start = 0; start < result.length; start += part)
    addAndSubtract_(result.subarray(start, start + part));
  return result;
}

function matrixOf(size: number): Value {
  const identity = new Float32Array(size * size);
  for (let i = 0; i < size; i++) identity[i * size + i] = 1;
  return constant(spreadRows(identity, size), [size, size]);
}

/** The largest power of two that divides `size`, to 64. */
function partOf(size: number): number {
  let part = 1;
  while (part < maxPart && size % (2 * part) === 0) part *= 2;
  return part;
}

/** In place, for as many items as a power of two. https://en.wikipedia.org/wiki/Fast_Walsh-Hadamard_transform */
function addAndSubtract_(items: Float32Array): void {
  for (let step = 1; step < items.length; step *= 2) {
    for (let first = 0; first < items.length; first += 2 * step) {
      for (let i = first; i < first + step; i++) {
        const a = items[i] as number;
        const b = items[i + step] as number;
        items[i] = (a + b) * Math.SQRT1_2;
        items[i + step] = (a - b) * Math.SQRT1_2;
      }
    }
  }
}
