/** Rules for shapes: how two of them broadcast, multiply and reduce. Knows nothing of values. */

import type { Shape } from './value.ts';

/**
 * Aligned at the end; sizes agree or one of them is 1. https://onnx.ai/onnx/repo-docs/Broadcasting.html
 * @throws RangeError when they do not.
 */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const sizeA = a[i - rank + a.length] ?? 1;
    const sizeB = b[i - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1)
      throw new RangeError(`The shapes ${show(a)} and ${show(b)} do not go together.`);
    return sizeA === 1 ? sizeB : sizeA;
  });
}

/** (..., m, k) times (..., k, n) is (..., m, n), where the leading axes broadcast. @throws RangeError otherwise. */
export function multiplied(a: Shape, b: Shape): Shape {
  const [m, k] = a.slice(-2);
  const [kOfB, n] = b.slice(-2);
  if (a.length < 2 || b.length < 2 || m === undefined || n === undefined || k !== kOfB)
    throw new RangeError(`The shapes ${show(a)} and ${show(b)} cannot be multiplied.`);
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), m, n];
}

/** With size 1 at each of `axes`. */
export function reduced(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** -1 is the last axis. @throws RangeError for an axis that is not there. */
export function axisOf(shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (positive < 0 || positive >= shape.length)
    throw new RangeError(`There is no axis ${axis} in ${show(shape)}.`);
  return positive;
}

/** Axes along which `from` was repeated to become `to`, counted in `to`. */
export function repeatedAxes(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length;
  return to.flatMap((size, axis) => (axis < lead || (from[axis - lead] === 1 && size !== 1) ? [axis] : []));
}

export function isSame(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
