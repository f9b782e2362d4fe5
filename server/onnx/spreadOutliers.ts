/**
 * Turns rows so that no item stands out: a Hadamard matrix, in blocks along the diagonal, adds and subtracts the items of a
 * block in all ways. Values of language models have a few items that are a hundred times larger than the others, and whoever
 * rounds a row to 8 bits would lose the others. The matrix is its own inverse, so that (x H) (H w) is x w.
 * Source: https://arxiv.org/abs/2404.00456
 */

import { matmul, reshape } from './operations.ts';
import { constant } from './value.ts';
import type { Value } from './value.ts';

/** It costs as much as this many outputs more; or a smaller power of two that divides the width. */
const maxBlock = 64;

/** x H for x (m, k). */
export function spread(x: Value): Value {
  const [m = 1, k = 1] = x.shape;
  const block = blockOf(k);
  const matrix = new Float32Array(block * block);
  for (let i = 0; i < block; i++) matrix[i * block + i] = 1;
  const h = constant(spreadRows(matrix, block), [block, block]);
  return reshape(matmul(reshape(x, [(m * k) / block, block]), h), [m, k]);
}

/** `rows` (n, k) times H. */
export function spreadRows(rows: Float32Array, width: number): Float32Array {
  const block = blockOf(width);
  const result = rows.slice();
  for (let start = 0; start < result.length; start += block) turn_(result, { start, block, width: 1 });
  return result;
}

/** H times `rows` (n, k). */
export function spreadColumns(rows: Float32Array, width: number): Float32Array {
  const block = blockOf(rows.length / width);
  const result = rows.slice();
  for (let start = 0; start < result.length; start += block * width) turn_(result, { start, block, width });
  return result;
}

function blockOf(width: number): number {
  let block = 1;
  while (block < maxBlock && width % (2 * block) === 0) block *= 2;
  return block;
}

/** The fast Walsh-Hadamard transform of `block` items, each of `width` numbers. */
function turn_(
  items: Float32Array,
  { start, block, width }: { readonly start: number; readonly block: number; readonly width: number },
): void {
  const half = Math.SQRT1_2;
  for (let step = width; step < block * width; step *= 2) {
    for (let first = start; first < start + block * width; first += 2 * step) {
      for (let i = first; i < first + step; i++) {
        const a = items[i] as number;
        const b = items[i + step] as number;
        items[i] = (a + b) * half;
        items[i + step] = (a - b) * half;
      }
    }
  }
}
