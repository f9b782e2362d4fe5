/**
 * The primitive operations: each is one operator of the ONNX standard with its rule for shapes.
 * What can be composed of them is in layers.ts; their derivatives are in derivatives.ts.
 * Source: https://onnx.ai/onnx/operators/
 */

import { axisOf, broadcast, isSame, multiplied, reduced, repeatedAxes, show } from './shapes.ts';
import { integers, node, numberIn, scalar, sizeOf } from './value.ts';
import type { Shape, Value } from './value.ts';

export function add(a: Value, b: Value): Value {
  return node('Add', [a, b], broadcast(a.shape, b.shape));
}

export function sub(a: Value, b: Value): Value {
  return node('Sub', [a, b], broadcast(a.shape, b.shape));
}

/** Times 1 is left out. */
export function mul(a: Value, b: Value): Value {
  if (numberIn(b) === 1 && b.shape.length <= a.shape.length) return a;
  if (numberIn(a) === 1 && a.shape.length <= b.shape.length) return b;
  return node('Mul', [a, b], broadcast(a.shape, b.shape));
}

export function div(a: Value, b: Value): Value {
  return node('Div', [a, b], broadcast(a.shape, b.shape));
}

export function scale(a: Value, by: number): Value {
  return mul(a, scalar(by));
}

export function neg(a: Value): Value {
  return node('Neg', [a], a.shape);
}

export function exp(a: Value): Value {
  return node('Exp', [a], a.shape);
}

export function log(a: Value): Value {
  return node('Log', [a], a.shape);
}

export function sqrt(a: Value): Value {
  return node('Sqrt', [a], a.shape);
}

export function reciprocal(a: Value): Value {
  return node('Reciprocal', [a], a.shape);
}

export function sigmoid(a: Value): Value {
  return node('Sigmoid', [a], a.shape);
}

/** Along the last axis. */
export function softmax(a: Value): Value {
  return node('Softmax', [a], a.shape, { attributes: { axis: -1 } });
}

/** Along the last axis. */
export function logSoftmax(a: Value): Value {
  return node('LogSoftmax', [a], a.shape, { attributes: { axis: -1 } });
}

/** (..., m, k) times (..., k, n); onnxruntime takes transposes and factors before it into the product by itself. */
export function matmul(a: Value, b: Value): Value {
  return node('MatMul', [a, b], multiplied(a.shape, b.shape));
}

/** The axes in a new order; by default the last two change places. */
export function transpose(a: Value, order: readonly number[] = lastTwoSwapped(a.shape.length)): Value {
  const shape = order.map((axis) => a.shape[axisOf(a.shape, axis)] ?? 1);
  return node('Transpose', [a], shape, { attributes: { perm: order } });
}

/** @throws RangeError when the sizes differ. */
export function reshape(a: Value, shape: Shape): Value {
  if (isSame(a.shape, shape)) return a;
  if (sizeOf(a.shape) !== sizeOf(shape))
    throw new RangeError(`${show(a.shape)} cannot become ${show(shape)}.`);
  return node('Reshape', [a, integers(shape)], shape, { type: a.type });
}

/** Repeats along axes of size 1 and new leading axes. @throws RangeError when the shapes do not go together. */
export function expand(a: Value, shape: Shape): Value {
  if (isSame(a.shape, shape)) return a;
  return node('Expand', [a, integers(shape)], broadcast(a.shape, shape));
}

/** Keeps the summed axes with size 1. */
export function sum(a: Value, axes: readonly number[]): Value {
  const positive = axes.map((axis) => axisOf(a.shape, axis));
  if (positive.length === 0) return a;
  return node('ReduceSum', [a, integers(positive)], reduced(a.shape, positive), {
    attributes: { keepdims: 1 },
  });
}

/** Undoes a broadcast: sums what was repeated, so that the shape is `shape` again. */
export function sumTo(a: Value, shape: Shape): Value {
  return reshape(sum(a, repeatedAxes(shape, a.shape)), shape);
}

/** Items `start` to `end` (not included) along one axis. */
export function slice(a: Value, axis: number, start: number, end: number): Value {
  const at = axisOf(a.shape, axis);
  if (start === 0 && end === a.shape[at]) return a;
  const shape = a.shape.map((size, i) => (i === at ? end - start : size));
  return node('Slice', [a, integers([start]), integers([end]), integers([at])], shape, { type: a.type });
}

/** Zeros before and after along one axis. */
export function pad(a: Value, axis: number, before: number, after: number): Value {
  const at = axisOf(a.shape, axis);
  if (before === 0 && after === 0) return a;
  const zeros = a.shape.map(() => 0);
  const pads = [...zeros.with(at, before), ...zeros.with(at, after)];
  const shape = a.shape.map((size, i) => (i === at ? size + before + after : size));
  return node('Pad', [a, integers(pads), scalar(0)], shape);
}

export function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (first === undefined) throw new RangeError('Nothing to join.');
  if (parts.length === 1) return first;
  const at = axisOf(first.shape, axis);
  const total = parts.reduce((size, part) => size + (part.shape[at] ?? 0), 0);
  return node('Concat', parts, first.shape.with(at, total), { attributes: { axis: at } });
}

/** Rows of `table` (n, ...) at `ids` (any shape, int64). */
export function gather(table: Value, ids: Value): Value {
  const shape = [...ids.shape, ...table.shape.slice(1)];
  return node('Gather', [table, ids], shape, { attributes: { axis: 0 }, type: table.type });
}

/** `table` with `rows` added to its rows at `ids` (n), int64; ids may repeat. */
export function scatterAdd(table: Value, ids: Value, rows: Value): Value {
  const index = reshape(ids, [...ids.shape, 1]);
  return node('ScatterND', [table, index, rows], table.shape, { attributes: { reduction: 'add' } });
}

/** Of each row of `a` (n, c) the item at `ids` (n, 1). */
export function pick(a: Value, ids: Value): Value {
  return node('GatherElements', [a, ids], ids.shape, { attributes: { axis: 1 } });
}

/** `a` (n, c) with the items at `ids` (n, 1) replaced by `items` (n, 1). */
export function put(a: Value, ids: Value, items: Value): Value {
  return node('ScatterElements', [a, ids, items], a.shape, { attributes: { axis: 1 } });
}

function lastTwoSwapped(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return [...order.slice(0, -2), ...order.slice(-2).reverse()];
}
