/**
 * Turns rows so that no item stands out: an orthogonal matrix adds and subtracts all items of a row in all ways. Values of
 * language models have a few items that are a hundred times larger than the others, and whoever rounds a row to 8 bits would
 * lose the others. The matrix is its own inverse, and its own transpose, so that (x R) (w R)ᵀ is x wᵀ.
 * For a row of q 2^a items it is the product of a Hartley matrix for q, which is odd, and a Hadamard matrix for 2^a.
 * Sources: https://arxiv.org/abs/2404.00456 and https://en.wikipedia.org/wiki/Discrete_Hartley_transform
 */

import { matmul, reshape } from './operations.ts';
import { constant } from './value.ts';
import type { Value } from './value.ts';

/** A graph multiplies by the matrix in two steps, within parts of this many items and across parts. */
const maxPart = 64;

/** x R for x (m, k). */
export function spread(x: Value): Value {
  const [m = 1, k = 1] = x.shape;
  const part = Math.min(maxPart, powerOfTwoIn(k));
  const nParts = k / part;
  const within = matmul(reshape(x, [(m * k) / part, part]), matrixOf(part));
  if (nParts === 1) return reshape(within, [m, k]);
  return reshape(matmul(matrixOf(nParts), reshape(within, [m, nParts, part])), [m, k]);
}

/** `rows` (n, k) times R. */
export function spreadRows(rows: Float32Array, width: number): Float32Array {
  const result = rows.slice();
  for (let start = 0; start < result.length; start += width) turn_(result.subarray(start, start + width));
  return result;
}

function matrixOf(size: number): Value {
  const identity = new Float32Array(size * size);
  for (let i = 0; i < size; i++) identity[i * size + i] = 1;
  return constant(spreadRows(identity, size), [size, size]);
}

function powerOfTwoIn(size: number): number {
  let power = 1;
  while (size % (2 * power) === 0) power *= 2;
  return power;
}

function turn_(row: Float32Array): void {
  const block = powerOfTwoIn(row.length);
  for (let start = 0; start < row.length; start += block) addAndSubtract_(row.subarray(start, start + block));
  if (block < row.length) mixBlocks_(row, row.length / block);
}

/** The fast Walsh-Hadamard transform. https://en.wikipedia.org/wiki/Fast_Walsh-Hadamard_transform */
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

/** Block i becomes the sum over all j of block j times cas(2 pi i j / n) / sqrt(n), where cas is cosine plus sine. */
function mixBlocks_(items: Float32Array, nBlocks: number): void {
  const size = items.length / nBlocks;
  const factors = Array.from({ length: nBlocks }, (_, i) => {
    const angle = (2 * Math.PI * i) / nBlocks;
    return (Math.cos(angle) + Math.sin(angle)) / Math.sqrt(nBlocks);
  });
  const old = items.slice();
  items.fill(0);
  for (let to = 0; to < nBlocks; to++) {
    for (let from = 0; from < nBlocks; from++) {
      const factor = factors[(to * from) % nBlocks] as number;
      const [toStart, fromStart] = [to * size, from * size];
      for (let i = 0; i < size; i++)
        items[toStart + i] = (items[toStart + i] as number) + factor * (old[fromStart + i] as number);
    }
  }
}
