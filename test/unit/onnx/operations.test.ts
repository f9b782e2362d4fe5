/** Each operation and its derivative against PyTorch's recorded numbers and against finite differences. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildModel } from '../../../server/onnx/buildModel.ts';
import { differentiate } from '../../../server/onnx/differentiate.ts';
import { causalAttention, crossEntropy, rmsNorm, rotate, swiglu } from '../../../server/onnx/layers.ts';
import { openOnnxSession } from '../../../server/onnx/onnxSession.ts';
import * as op from '../../../server/onnx/operations.ts';
import { constant, input, sizeOf } from '../../../server/onnx/value.ts';
import type { Value } from '../../../server/onnx/value.ts';

interface Recorded {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  readonly y: { readonly shape: readonly number[]; readonly data: readonly number[] };
  readonly dy: readonly number[];
  readonly derivatives: readonly (readonly number[])[];
}

/** Remade by the script that the file names. */
const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/onnx/operations.json', import.meta.url), 'utf8'),
) as { cases: Record<string, Recorded> };

/** Single precision against PyTorch in double precision. */
const tolerance = 2e-6;
/** Central differences with steps of 1/128 in single precision. */
const stepSize = 2 ** -7;
const differenceTolerance = 4e-3;

const ids = constant(BigInt64Array.of(2n, 0n, 2n), [3]);
const idColumn = constant(BigInt64Array.of(2n, 0n, 2n), [3, 1]);
const angles = Array.from({ length: 15 }, (_, i) => Math.floor(i / 3) / 100 ** ((i % 3) / 3));
const cos = constant(Float32Array.from(angles, Math.cos), [5, 3]);
const sin = constant(Float32Array.from(angles, Math.sin), [5, 3]);

const builders: Record<string, (...inputs: Value[]) => Value> = {
  'add, broadcast': binary(op.add),
  'sub, broadcast': binary(op.sub),
  'mul, broadcast': binary(op.mul),
  'div, broadcast': binary(op.div),
  neg: unary(op.neg),
  scale: unary((a) => op.scale(a, 0.25)),
  exp: unary(op.exp),
  log: unary(op.log),
  sqrt: unary(op.sqrt),
  reciprocal: unary(op.reciprocal),
  sigmoid: unary(op.sigmoid),
  softmax: unary(op.softmax),
  logSoftmax: unary(op.logSoftmax),
  matmul: binary(op.matmul),
  'matmul, broadcast': binary(op.matmul),
  transpose: unary((a) => op.transpose(a)),
  'transpose, order': unary((a) => op.transpose(a, [1, 2, 0])),
  reshape: unary((a) => op.reshape(a, [3, 2])),
  expand: unary((a) => op.expand(a, [2, 3, 2])),
  sum: unary((a) => op.sum(a, [0, -1])),
  slice: unary((a) => op.slice(a, 1, 1, 3)),
  pad: unary((a) => op.pad(a, 0, 1, 2)),
  concat: binary((a, b) => op.concat([a, b], 1)),
  gather: unary((table) => op.gather(table, ids)),
  scatterAdd: binary((table, rows) => op.scatterAdd(table, ids, rows)),
  pick: unary((a) => op.pick(a, idColumn)),
  'a value used twice': unary((a) => op.add(op.mul(a, a), a)),
  rmsNorm: binary((x, weight) => rmsNorm(x, weight, 1e-5)),
  swiglu: binary(swiglu),
  rotate: unary((x) => rotate(x, cos, sin)),
  causalAttention: (q, k, v) => causalAttention(must(q), must(k), must(v), 2),
  crossEntropy: unary((logits) => crossEntropy(logits, idColumn)),
};

function unary(build: (a: Value) => Value): (...inputs: Value[]) => Value {
  return (a) => build(must(a));
}

function binary(build: (a: Value, b: Value) => Value): (...inputs: Value[]) => Value {
  return (a, b) => build(must(a), must(b));
}

function must<T>(value: T | undefined): T {
  assert(value !== undefined);
  return value;
}

test('each recorded operation is built here, and each that is built was recorded', () => {
  assert.deepEqual(Object.keys(builders), Object.keys(cases));
});

for (const [name, recorded] of Object.entries(cases)) {
  test(name, async () => {
    const inputs = recorded.inputs.map(({ shape }, i) => input(`x${i}`, shape));
    const dy = input('dy', recorded.y.shape);
    const y = must(builders[name])(...inputs);
    assert.deepEqual(y.shape, recorded.y.shape);
    const derivatives = differentiate(y, dy, inputs);
    const named = Object.fromEntries(derivatives.map((value, i) => [`d${i}`, value]));
    const both = await openOnnxSession(buildModel({ outputs: { y, ...named } }));
    const forward = await openOnnxSession(buildModel({ outputs: { y } }));
    const feeds = recorded.inputs.map(({ data }) => Float32Array.from(data));
    const feed = (arrays: readonly Float32Array[]) =>
      Object.fromEntries(arrays.map((data, i) => [`x${i}`, data]));
    try {
      const results = await both.run({ ...feed(feeds), dy: Float32Array.from(recorded.dy) });
      isNear(results['y'], recorded.y.data, tolerance, 'y');
      for (const [i, expected] of recorded.derivatives.entries())
        isNear(results[`d${i}`], expected, tolerance, `the derivative by input ${i}`);
      for (const [i, { shape }] of recorded.inputs.entries()) {
        const estimate: number[] = [];
        for (let item = 0; item < sizeOf(shape); item++) {
          const lossAt = async (by: number) => {
            const moved = feeds.map((data, at) =>
              at === i ? data.with(item, (data[item] ?? 0) + by) : data,
            );
            const result = await forward.run(feed(moved));
            return must(result['y']).reduce((sum, value, at) => sum + value * (recorded.dy[at] ?? 0), 0);
          };
          estimate.push(((await lossAt(stepSize)) - (await lossAt(-stepSize))) / (2 * stepSize));
        }
        isNear(results[`d${i}`], estimate, differenceTolerance, `the finite differences of input ${i}`);
      }
    } finally {
      both.dispose();
      forward.dispose();
    }
  });
}

function isNear(
  actual: Float32Array | undefined,
  expected: readonly number[],
  within: number,
  what: string,
): void {
  assert.equal(actual?.length, expected.length, what);
  expected.forEach((value, i) => {
    const difference = Math.abs((actual?.[i] ?? NaN) - value);
    assert(
      difference <= within * Math.max(1, Math.abs(value)),
      `${what}, item ${i}: ${actual?.[i]}, not ${value}`,
    );
  });
}
