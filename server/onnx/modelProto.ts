/**
 * Encodes ONNX models as protocol buffers: the messages that we write, and their fields.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers and enum values).
 */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, ElementType } from './value.ts';

export interface NodeProto {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface TensorProto extends ValueInfoProto {
  /** Little-endian items, or where they lie in another file. */
  readonly content: Uint8Array | ExternalData;
}

export interface ExternalData {
  readonly fileName: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface ModelProto {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  /** Version of each operator set by domain; '' is the standard. */
  readonly operatorSets: ReadonlyMap<string, number>;
}

/** `TensorProto.DataType` */
const typeCodes: Record<ElementType, number> = { float32: 1, uint8: 2, int8: 3, int64: 7 };
/** `AttributeProto.AttributeType` */
const attributeTypes = { float: 1, integer: 2, text: 3, integers: 7 };
/** `TensorProto.DataLocation.EXTERNAL` */
const external = 1;
const irVersion = 10;

/** Writes one message; fields in any order. */
type Write = (writer: BinaryWriter) => void;

export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  integer(writer, 1, irVersion);
  text(writer, 2, 'idiom');
  message(writer, 7, (to) => graph(to, model));
  for (const [domain, version] of model.operatorSets)
    message(writer, 8, (to) => {
      text(to, 1, domain);
      integer(to, 2, version);
    });
  return writer.finish();
}

function graph(writer: BinaryWriter, model: ModelProto): void {
  for (const node of model.nodes) message(writer, 1, (to) => operatorNode(to, node));
  text(writer, 2, 'graph');
  for (const tensor of model.initializers) message(writer, 5, (to) => tensorOf(to, tensor));
  for (const info of model.inputs) message(writer, 11, (to) => valueInfo(to, info));
  for (const info of model.outputs) message(writer, 12, (to) => valueInfo(to, info));
}

function operatorNode(writer: BinaryWriter, node: NodeProto): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  text(writer, 4, node.operator);
  for (const [name, value] of Object.entries(node.attributes))
    message(writer, 5, (to) => attribute(to, name, value));
  if (node.domain !== '') text(writer, 7, node.domain);
}

/** A whole number is an integer, another one a float: no operator that we use has a float attribute that may be whole. */
function attribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'string') {
    text(writer, 4, value);
    integer(writer, 20, attributeTypes.text);
  } else if (typeof value !== 'number') {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, attributeTypes.integers);
  } else if (Number.isInteger(value)) {
    integer(writer, 3, value);
    integer(writer, 20, attributeTypes.integer);
  } else {
    writer.tag(2, WireType.Bit32).float(value);
    integer(writer, 20, attributeTypes.float);
  }
}

function tensorOf(writer: BinaryWriter, { name, type, shape, content }: TensorProto): void {
  for (const size of shape) integer(writer, 1, size);
  integer(writer, 2, typeCodes[type]);
  text(writer, 8, name);
  if (content instanceof Uint8Array) {
    writer.tag(9, WireType.LengthDelimited).bytes(content);
    return;
  }
  const { fileName, offsetBytes, sizeBytes } = content;
  const entries = { location: fileName, offset: String(offsetBytes), length: String(sizeBytes) };
  for (const [key, value] of Object.entries(entries))
    message(writer, 13, (to) => {
      text(to, 1, key);
      text(to, 2, value);
    });
  integer(writer, 14, external);
}

/** ValueInfoProto > TypeProto > TypeProto.Tensor > TensorShapeProto > Dimension. */
function valueInfo(writer: BinaryWriter, { name, type, shape }: ValueInfoProto): void {
  const shapeMessage: Write = (to) => {
    for (const size of shape) message(to, 1, (dimension) => integer(dimension, 1, size));
  };
  const tensorType: Write = (to) => {
    integer(to, 1, typeCodes[type]);
    message(to, 2, shapeMessage);
  };
  text(writer, 1, name);
  message(writer, 2, (to) => message(to, 1, tensorType));
}

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}
