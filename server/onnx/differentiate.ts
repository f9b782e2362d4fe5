/** Reverse-mode differentiation: walks back through a graph and builds the derivatives as more of the same graph. */

import { derivatives, sumOf } from './derivatives.ts';
import type { Value } from './value.ts';

/**
 * The derivatives of a loss by each of `by`, when its derivative by `y` is `dy` (the same shape).
 * Nothing is built for branches that do not lead to `by`.
 * @throws RangeError when `y` does not depend on one of `by`, or an operator on the way has no derivative.
 */
export function differentiate(y: Value, dy: Value, by: readonly Value[]): Value[] {
  const order = ordered([y], dependenciesOf);
  const leads = new Set<Value>(by);
  for (const value of order) {
    if (dependenciesOf(value).some((part) => leads.has(part))) leads.add(value);
  }
  const reached = new Map<Value, Value>([[y, dy]]);
  for (const value of order.reverse()) {
    const own = reached.get(value);
    if (own === undefined || !leads.has(value)) continue;
    const parts = dependenciesOf(value);
    const wanted = parts.map((part) => leads.has(part));
    if (!wanted.includes(true)) continue;
    derivativesOf(value, own).forEach((derivative, i) => {
      const part = parts[i];
      if (derivative === undefined || part === undefined || wanted[i] !== true) return;
      reached.set(part, sumOf(reached.get(part), derivative));
    });
  }
  return by.map((value) => {
    const derivative = reached.get(value);
    if (derivative === undefined) throw new RangeError('The loss does not depend on a value asked for.');
    return derivative;
  });
}

/** Everything that `roots` depend on, roots included, each value after what it depends on. */
export function ordered(roots: readonly Value[], partsOf: (value: Value) => readonly Value[]): Value[] {
  const done = new Set<Value>();
  const stack = roots.map((value) => ({ value, isReady: false })).reverse();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { value, isReady } = top;
    if (done.has(value)) continue;
    if (isReady) done.add(value);
    else {
      stack.push({ value, isReady: true });
      for (const part of partsOf(value).toReversed()) stack.push({ value: part, isReady: false });
    }
  }
  return [...done];
}

function dependenciesOf(value: Value): readonly Value[] {
  return value.shortcut?.of ?? value.inputs;
}

/** Derivatives that nothing uses are never built into a model, so that the table may be generous. */
function derivativesOf(value: Value, dy: Value): readonly (Value | undefined)[] {
  if (value.shortcut !== undefined) return value.shortcut.derivative(dy, value);
  const derivative = derivatives[value.operator];
  if (derivative === undefined) throw new RangeError(`${value.operator} has no derivative.`);
  return derivative(value, dy, ...value.inputs);
}
