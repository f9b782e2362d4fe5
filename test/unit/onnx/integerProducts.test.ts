/** Products in integers are as near to those in floating point as they claim to be. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { buildModel } from '../../../server/onnx/buildModel.ts';
import {
  canMultiplyIntegers,
  integerMatmul,
  integersOfColumns,
  integersOfRows,
} from '../../../server/onnx/integerProducts.ts';
import type { StoredIntegers } from '../../../server/onnx/integerProducts.ts';
import { openOnnxSession } from '../../../server/onnx/onnxSession.ts';
import { constant, input } from '../../../server/onnx/value.ts';

const [m, k, n] = [3, 40, 70];
const random = seededRandom(1);
const draw = (length: number, size = 1) => Float32Array.from({ length }, () => (random.next() - 0.5) * size);
/** Rows of very different size, one of zeros, and one item that is far larger than all others. */
const x = Float32Array.from([...draw(k, 100), ...draw(k, 1e-6), ...new Float32Array(k)]);
x[5] = 3000;
const rows = draw(n * k);

async function multiply({ items, scale }: StoredIntegers, width: number): Promise<Float32Array> {
  const w = { items: constant(items, [items.length / width, width]), scale: constant(scale, [width]) };
  const y = integerMatmul(input('x', [m, k]), w);
  assert.deepEqual(y.shape, [m, width]);
  const session = await openOnnxSession(buildModel({ outputs: { y } }), { threads: 1 });
  const results = await session.run({ x });
  session.dispose();
  return results['y'] ?? new Float32Array();
}

/** `weight(i, j)` is the weight from input i to output j. */
function check(
  what: string,
  stored: StoredIntegers,
  { weight, within }: { weight: (i: number, j: number) => number; within: number },
): void {
  test(what, async () => {
    const width = stored.scale.length;
    const y = await multiply(stored, width);
    for (let row = 0; row < m; row++) {
      const items = [...x.subarray(row * k, (row + 1) * k)];
      const length = Math.hypot(...items);
      for (let j = 0; j < width; j++) {
        const expected = items.reduce((sum, item, i) => sum + item * weight(i, j), 0);
        const difference = Math.abs((y[row * width + j] ?? NaN) - expected);
        assert(difference <= within * length, `row ${row}, column ${j}: off by ${difference / length}`);
      }
    }
  });
}

const ofRows = integersOfRows(rows, n);
const square = draw(k * n);
const ofColumns = integersOfColumns(square, k);

check('weights by rows', ofRows, { weight: (i, j) => rows[j * k + i] ?? NaN, within: 0.02 });
check('weights by columns', ofColumns, { weight: (i, j) => square[i * n + j] ?? NaN, within: 0.02 });

test('the processor that runs this test is found able or not, without an error', async () => {
  assert.equal(typeof (await canMultiplyIntegers()), 'boolean');
});
