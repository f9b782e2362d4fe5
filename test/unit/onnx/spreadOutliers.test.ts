/** Spreading takes outliers away, and a product does not change when both sides are spread. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { buildModel } from '../../../server/onnx/buildModel.ts';
import { openOnnxSession } from '../../../server/onnx/onnxSession.ts';
import { spread, spreadRows } from '../../../server/onnx/spreadOutliers.ts';
import { input } from '../../../server/onnx/value.ts';

const random = seededRandom(1);
const draw = (length: number) => Float32Array.from({ length }, () => random.next() - 0.5);

/** Of a (m, k) and the transpose of b (n, k). */
function product(a: Float32Array, b: Float32Array, k: number): number[] {
  const [m, n] = [a.length / k, b.length / k];
  return Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) sum += (a[row * k + i] ?? NaN) * (b[column * k + i] ?? NaN);
    return sum;
  });
}

function isNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert(Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)) < 1e-4, `item ${i}`);
}

/** 1: nothing to spread; 9: an odd row; 48 and 64: one step in the graph for the power of two; 1536: as in a model. */
for (const k of [1, 6, 9, 48, 64, 192, 1536]) {
  test(`width ${k}: the graph does as the arrays, and products stay`, async () => {
    const [m, n] = [3, 5];
    const [x, w] = [draw(m * k), draw(n * k)];
    const session = await openOnnxSession(buildModel({ outputs: { y: spread(input('x', [m, k])) } }), {
      threads: 1,
    });
    const { y = new Float32Array() } = await session.run({ x });
    session.dispose();
    isNear(y, spreadRows(x, k));
    isNear(product(y, spreadRows(w, k), k), product(x, w, k));
  });
}

for (const k of [128, 576]) {
  test(`an outlier is spread over a row of ${k}`, () => {
    const row = new Float32Array(k);
    row[5] = 1;
    const sizes = spreadRows(row, k).map(Math.abs);
    assert(Math.max(...sizes) <= Math.SQRT2 / Math.sqrt(k) + 1e-6, String(Math.max(...sizes)));
  });
}
