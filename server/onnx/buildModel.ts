/** Turns values into an ONNX model: what is needed and no more, equal parts once. Runs nothing. */

import { digestOf } from '../base/digest.ts';
import { ordered } from './differentiate.ts';
import { encodeModel } from './modelProto.ts';
import type { ExternalData, NodeProto, TensorProto, ValueInfoProto } from './modelProto.ts';
import type { Data, Value } from './value.ts';

export interface GraphToBuild {
  readonly outputs: Readonly<Record<string, Value>>;
  /**
   * Values that are fed instead of computed, by the name of the input. So a backward graph takes from its forward graph
   * what was kept, and what was not is computed again: rematerialisation is a choice of names.
   */
  readonly given?: Readonly<Record<string, Value>>;
  /** Constants of this many bytes and more go to a file of their own, since one protobuf message ends at 2 GiB. */
  readonly externalFromBytes?: number;
}

export interface BuiltModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  /** To be written, one after another, to a file named `weightsFileName` beside the model. */
  readonly external: readonly Uint8Array[];
  readonly nNodes: number;
}

export const weightsFileName = 'weights.bin';

/** The operators of the standard as of ONNX 1.17. https://onnx.ai/onnx/repo-docs/Versioning.html */
const standardVersion = 21;
/** onnxruntime maps files into memory from multiples of this. */
const pageBytes = 4096;

export function buildModel(toBuild: GraphToBuild): BuiltModel {
  const { outputs, given = {} } = toBuild;
  const builder = new Builder(toBuild.externalFromBytes ?? Infinity);
  for (const [name, value] of Object.entries(given)) builder.feed(name, value);
  for (const [name, value] of Object.entries(outputs)) builder.name(name, value);
  const isGiven = new Set(Object.values(given));
  const parts = (value: Value) => (isGiven.has(value) ? [] : value.inputs);
  for (const value of ordered(Object.values(outputs), parts)) builder.visit(value);
  for (const [name, value] of Object.entries(outputs)) builder.output(name, value);
  const { nodes, initializers, inputs, outputs: infos, external } = builder;
  const operatorSets = new Map([
    ['', standardVersion],
    ['com.microsoft', 1],
  ]);
  const bytes = encodeModel({ nodes, initializers, inputs, outputs: infos, operatorSets });
  return { bytes, inputs, outputs: infos, external, nNodes: nodes.length };
}

class Builder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly inputs: ValueInfoProto[] = [];
  readonly outputs: ValueInfoProto[] = [];
  readonly external: Uint8Array[] = [];
  readonly #externalFromBytes: number;
  readonly #names = new Map<Value, string>();
  /** Names by what makes a value what it is, so that equal expressions are computed once. */
  readonly #known = new Map<string, string>();
  readonly #wanted = new Map<Value, string>();
  #externalBytes = 0;

  constructor(externalFromBytes: number) {
    this.#externalFromBytes = externalFromBytes;
  }

  feed(name: string, value: Value): void {
    this.#names.set(value, name);
    this.inputs.push({ name, type: value.type, shape: value.shape });
  }

  /** A computed value that is an output has its name from the start, since renaming it later costs a copy. */
  name(name: string, value: Value): void {
    const isComputed = value.operator !== 'input' && value.data === undefined;
    if (isComputed && !this.#names.has(value) && !this.#wanted.has(value)) this.#wanted.set(value, name);
  }

  visit(value: Value): void {
    if (this.#names.has(value)) return;
    if (value.operator === 'input') this.feed(value.name ?? '', value);
    else
      this.#names.set(
        value,
        value.data === undefined ? this.#node(value) : this.#constant(value, value.data),
      );
  }

  /** Where a value had another name already, it is copied. */
  output(name: string, value: Value): void {
    const inputs = [this.#nameOf(value)];
    if (inputs[0] !== name)
      this.nodes.push({ operator: 'Identity', domain: '', inputs, outputs: [name], attributes: {} });
    this.outputs.push({ name, type: value.type, shape: value.shape });
  }

  #node(value: Value): string {
    const { operator, domain = '', attributes } = value;
    const inputs = value.inputs.map((part) => this.#nameOf(part));
    const add = (name: string) => this.nodes.push({ operator, domain, inputs, outputs: [name], attributes });
    return this.#once(JSON.stringify([operator, domain, inputs, attributes]), add, this.#wanted.get(value));
  }

  #constant({ type, shape }: Value, data: Data): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const add = (name: string) => {
      const content = bytes.length < this.#externalFromBytes ? bytes : this.#store(bytes);
      this.initializers.push({ name, type, shape, content });
    };
    const key = `${type} ${shape.join()}: ${digestOf(bytes)}`;
    return this.#once(key, add);
  }

  #store(bytes: Uint8Array): ExternalData {
    const padding = (pageBytes - (this.#externalBytes % pageBytes)) % pageBytes;
    if (padding > 0) this.external.push(new Uint8Array(padding));
    this.external.push(bytes);
    const offsetBytes = this.#externalBytes + padding;
    this.#externalBytes = offsetBytes + bytes.length;
    return { fileName: weightsFileName, offsetBytes, sizeBytes: bytes.length };
  }

  #once(key: string, add: (name: string) => void, wanted?: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = wanted ?? `v${this.#known.size}`;
    this.#known.set(key, name);
    add(name);
    return name;
  }

  #nameOf(value: Value): string {
    const name = this.#names.get(value);
    if (name === undefined) throw new RangeError('A value was used before it was visited.');
    return name;
  }
}
