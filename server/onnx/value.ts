/** The nodes that graphs are made of: immutable values with a type and a shape. Computes nothing. */

export type ElementType = 'float32' | 'int64' | 'int8' | 'uint8';
export type Shape = readonly number[];
export type Data = Float32Array | BigInt64Array | Int8Array | Uint8Array;
export type Attribute = number | readonly number[] | string;

/**
 * What one ONNX operator yields. A graph is no object of its own: it is what can be reached from a value through `inputs`.
 * `operator` is the ONNX name, or 'input' (fed at each run) or 'constant' (part of the model).
 */
export interface Value {
  readonly operator: string;
  /** Undefined: the standard operators. */
  readonly domain?: 'com.microsoft' | undefined;
  readonly inputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Of an input. */
  readonly name?: string | undefined;
  /** Of a constant. */
  readonly data?: Data | undefined;
  /** Where a shorter derivative is known than the one that follows from the parts. */
  readonly shortcut?: Shortcut | undefined;
}

/** Derivatives for `of`, given the result y and the derivative dy of the loss by it; undefined where none is wanted. */
export interface Shortcut {
  readonly of: readonly Value[];
  readonly derivative: (dy: Value, y: Value) => readonly (Value | undefined)[];
}

export interface NodeOptions {
  readonly domain?: 'com.microsoft';
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly type?: ElementType;
}

/** A node of any ONNX operator. Whoever calls this vouches for the shape. */
export function node(
  operator: string,
  inputs: readonly Value[],
  shape: Shape,
  { domain, attributes = {}, type = 'float32' }: NodeOptions = {},
): Value {
  return { operator, domain, inputs, attributes, type, shape };
}

/** Something fed at each run. */
export function input(name: string, shape: Shape, type: ElementType = 'float32'): Value {
  return { operator: 'input', name, inputs: [], attributes: {}, type, shape };
}

/** @throws RangeError when the data does not fill the shape. */
export function constant(data: Data, shape: Shape): Value {
  if (data.length !== sizeOf(shape))
    throw new RangeError(`${data.length} items do not fill the shape [${shape.join(', ')}].`);
  return { operator: 'constant', data, inputs: [], attributes: {}, type: typeOf(data), shape };
}

export function scalar(value: number): Value {
  return constant(Float32Array.of(value), []);
}

export function typeOf(data: Data): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  return data instanceof Int8Array ? 'int8' : 'uint8';
}

/** Integers such as axes and shapes. */
export function integers(values: readonly number[]): Value {
  return constant(BigInt64Array.from(values, BigInt), [values.length]);
}

/** The same value with another way to its derivative. */
export function withDerivative(
  value: Value,
  of: readonly Value[],
  derivative: Shortcut['derivative'],
): Value {
  return { ...value, shortcut: { of, derivative } };
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The number that a constant of one item is, else undefined. */
export function numberIn(value: Value): number | undefined {
  return value.data instanceof Float32Array && value.data.length === 1 ? value.data[0] : undefined;
}
