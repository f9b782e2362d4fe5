/**
 * The derivative of each primitive operation, written in primitive operations.
 * An entry gets the node y = f(a, b, ...) and dy, the derivative of the loss by y, and yields those by a, b, ...
 */

import {
  add,
  div,
  expand,
  gather,
  matmul,
  mul,
  neg,
  pad,
  put,
  reshape,
  scale,
  scatterAdd,
  slice,
  sub,
  sum,
  sumTo,
  transpose,
  exp,
} from './operations.ts';
import { isSame } from './shapes.ts';
import { constant, scalar, sizeOf } from './value.ts';
import type { Shape, Value } from './value.ts';

/** One derivative an input; undefined where there is none, as for the axes of a sum. */
type Derivative = (y: Value, dy: Value, ...inputs: Value[]) => readonly (Value | undefined)[];

export const derivatives: Readonly<Record<string, Derivative>> = {
  Add: (_, dy, a, b) => [sumTo(dy, shapeOf(a)), sumTo(dy, shapeOf(b))],
  Sub: (_, dy, a, b) => [sumTo(dy, shapeOf(a)), sumTo(neg(dy), shapeOf(b))],
  Mul: (_, dy, a, b) => [sumTo(mul(dy, must(b)), shapeOf(a)), sumTo(mul(dy, must(a)), shapeOf(b))],
  Div: (y, dy, a, b) => [
    sumTo(div(dy, must(b)), shapeOf(a)),
    sumTo(neg(div(mul(dy, y), must(b))), shapeOf(b)),
  ],
  Neg: (_, dy) => [neg(dy)],
  Exp: (y, dy) => [mul(dy, y)],
  Log: (_, dy, a) => [div(dy, must(a))],
  Sqrt: (y, dy) => [div(scale(dy, 0.5), y)],
  Reciprocal: (y, dy) => [neg(mul(dy, mul(y, y)))],
  Sigmoid: (y, dy) => [mul(dy, mul(y, sub(scalar(1), y)))],
  Softmax: (y, dy) => [mul(y, sub(dy, sum(mul(dy, y), [-1])))],
  LogSoftmax: (y, dy) => [sub(dy, mul(exp(y), sum(dy, [-1])))],
  MatMul: (_, dy, a, b) => [
    sumTo(matmul(dy, transpose(must(b))), shapeOf(a)),
    sumTo(matmul(transpose(must(a)), dy), shapeOf(b)),
  ],
  Transpose: (y, dy) => [transpose(dy, inverse(y.attributes['perm'] as readonly number[]))],
  Reshape: (_, dy, a) => [reshape(dy, shapeOf(a))],
  Expand: (_, dy, a) => [sumTo(dy, shapeOf(a))],
  ReduceSum: (_, dy, a) => [expand(dy, shapeOf(a))],
  Slice: (_, dy, a, start, end, axis) => {
    const [at, from, to] = [integerIn(axis), integerIn(start), integerIn(end)];
    return [pad(dy, at, from, (shapeOf(a)[at] ?? 0) - to)];
  },
  Pad: (_, dy, a, pads) => {
    const before = [...((pads?.data ?? []) as BigInt64Array)].slice(0, shapeOf(a).length).map(Number);
    return [shapeOf(a).reduce((d, size, i) => slice(d, i, before[i] ?? 0, (before[i] ?? 0) + size), dy)];
  },
  Concat: (y, dy, ...parts) => {
    const at = y.attributes['axis'] as number;
    let end = 0;
    return parts.map((part) => slice(dy, at, end, (end += part.shape[at] ?? 0)));
  },
  Gather: (_, dy, table, ids) => {
    const index = reshape(must(ids), [sizeOf(shapeOf(ids))]);
    const rows = reshape(dy, [...index.shape, ...shapeOf(table).slice(1)]);
    return [scatterAdd(zeros(shapeOf(table)), index, rows)];
  },
  ScatterND: (_, dy, __, index, rows) => [dy, undefined, gather(dy, reshape(must(index), idsOf(rows, dy)))],
  GatherElements: (_, dy, a, ids) => [put(zeros(shapeOf(a)), must(ids), dy)],
};

/** Many zeros cost one number in the model. */
function zeros(shape: Shape): Value {
  return expand(
    constant(
      Float32Array.of(0),
      shape.map(() => 1),
    ),
    shape,
  );
}

function idsOf(rows: Value | undefined, table: Value): Shape {
  return shapeOf(rows).slice(0, shapeOf(rows).length - table.shape.length + 1);
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

function integerIn(value: Value | undefined): number {
  return Number(value?.data?.[0] ?? 0);
}

function shapeOf(value: Value | undefined): Shape {
  return must(value).shape;
}

/** Nodes have as many inputs as their operator has. */
function must(value: Value | undefined): Value {
  if (value === undefined) throw new RangeError('A node has too few inputs.');
  return value;
}

/** The sum of derivatives that reach one value on several ways. */
export function sumOf(a: Value | undefined, b: Value): Value {
  if (a === undefined) return b;
  if (!isSame(a.shape, b.shape)) throw new RangeError('Derivatives of one value have different shapes.');
  return add(a, b);
}
