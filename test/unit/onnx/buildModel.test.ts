/** What of a graph ends up in a model, and that models in parts compute what the whole computes. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildModel, weightsFileName } from '../../../server/onnx/buildModel.ts';
import type { GraphToBuild } from '../../../server/onnx/buildModel.ts';
import { differentiate } from '../../../server/onnx/differentiate.ts';
import { openOnnxSession } from '../../../server/onnx/onnxSession.ts';
import { add, exp, log, matmul, mul, scale, sigmoid, transpose } from '../../../server/onnx/operations.ts';
import { constant, input } from '../../../server/onnx/value.ts';
import type { Data } from '../../../server/onnx/value.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-onnx-'));
after(() => rmSync(folder, { recursive: true }));

const a = input('a', [2, 2]);
const b = input('b', [2, 2]);

function checkNodes(what: string, graph: GraphToBuild, nNodes: number): void {
  test(what, () => assert.equal(buildModel(graph).nNodes, nNodes));
}

checkNodes('what no output needs is left out', { outputs: { y: (exp(a), add(a, b)) } }, 1);
checkNodes('equal expressions are computed once', { outputs: { y: add(exp(a), exp(a)) } }, 2);
const counted = () => constant(Float32Array.from({ length: 64 }, Math.sqrt), [2, 32]);
checkNodes('equal constants are one', { outputs: { y: add(matmul(a, counted()), matmul(a, counted())) } }, 2);
checkNodes('expressions of other inputs are not equal', { outputs: { y: add(exp(a), exp(b)) } }, 3);
checkNodes('a factor of 1 is left out', { outputs: { y: scale(exp(a), 1) } }, 1);
checkNodes('one value under two names is copied', { outputs: { y: mul(a, b), z: mul(a, b) } }, 2);
const middle = exp(a);
checkNodes('what is given is not computed', { outputs: { y: log(middle) }, given: { middle } }, 1);

async function run(graph: GraphToBuild, feeds: Record<string, Data>): Promise<Record<string, Float32Array>> {
  const session = await openOnnxSession(buildModel(graph), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    session.dispose();
  }
}

test('forward and backward apart give what they give together, whatever is kept', async () => {
  const hidden = sigmoid(matmul(a, b));
  const y = matmul(hidden, transpose(b));
  const [da, db] = differentiate(y, input('dy', y.shape), [a, b]);
  assert(da !== undefined && db !== undefined);
  const feeds = { a: Float32Array.of(1, -2, 0.5, 3), b: Float32Array.of(0.1, 0.2, -0.3, 0.4) };
  const dy = Float32Array.of(1, 2, -1, 0.5);
  const together = await run({ outputs: { y, da, db } }, { ...feeds, dy });
  const forward = await run({ outputs: { y, hidden } }, feeds);
  assert.deepEqual(forward['y'], together['y']);
  const kept = forward['hidden'];
  assert(kept !== undefined);
  const withKept = await run({ outputs: { da, db }, given: { hidden } }, { ...feeds, dy, hidden: kept });
  const computedAgain = await run({ outputs: { da, db } }, { ...feeds, dy });
  for (const parts of [withKept, computedAgain])
    assert.deepEqual([parts['da'], parts['db']], [together['da'], together['db']]);
});

test('large constants lie in a file of their own', async () => {
  const weights = [
    constant(Float32Array.from({ length: 64 }, Math.sqrt), [8, 8]),
    constant(new Float32Array(64).fill(2), [8, 8]),
  ];
  const x = input('x', [1, 8]);
  const y = weights.reduce(matmul, x);
  const model = buildModel({ outputs: { y }, externalFromBytes: 128 });
  writeFileSync(join(folder, 'model.onnx'), model.bytes);
  writeFileSync(join(folder, weightsFileName), Buffer.concat(model.external));
  const feeds = { x: new Float32Array(8).fill(1) };
  const session = await openOnnxSession(join(folder, 'model.onnx'), { threads: 1 });
  const results = await session.run(feeds);
  session.dispose();
  assert.deepEqual(results, await run({ outputs: { y } }, feeds));
  assert(model.bytes.length < buildModel({ outputs: { y } }).bytes.length);
});

test('shapes that do not go together are refused when the graph is built', () => {
  assert.throws(() => add(a, input('c', [3, 2])), /\[2, 2\] and \[3, 2\] do not go together/);
  assert.throws(() => matmul(a, input('c', [3, 2])), /cannot be multiplied/);
});

test('a loss that does not depend on what is asked for is refused', () => {
  assert.throws(() => differentiate(exp(a), input('dy', [2, 2]), [b]), /does not depend/);
});

test('an array of another size is refused', async () => {
  await assert.rejects(
    run({ outputs: { y: exp(a) } }, { a: new Float32Array(3) }),
    /takes 2 x 2, not 3 items/,
  );
});
