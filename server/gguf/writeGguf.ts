/** Writes GGUF files tensor by tensor, whole or not at all. Knows nothing about what the tensors mean. */

import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainFileError } from '../base/errors.ts';
import { syncFolder } from '../base/writeFile.ts';
import {
  alignUp,
  defaultAlignment,
  ggufMagic,
  scalarSizeBytes,
  tensorSizeBytes,
  tensorTypes,
  valueTypes,
} from './format.ts';
import type { MetadataValue, Scalar, TensorType, ValueType } from './format.ts';

const version = 3;

export interface TensorToWrite {
  readonly name: string;
  /** The fastest-moving dimension first, so a linear layer is [inputs, outputs]. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** The tensor's bytes, asked for once, when it is this tensor's turn. */
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
}

export interface GgufToWrite {
  /** Values to encode, or whole records (key, type and value) to be copied as they are. */
  readonly metadata: ReadonlyMap<string, MetadataValue | Uint8Array>;
  readonly tensors: readonly TensorToWrite[];
  /** Must agree with `general.alignment` in the metadata. */
  readonly alignment?: number;
}

/**
 * Replaces `path` (mode 0600) by a temporary file, fsync and rename; holds one tensor in memory at a time.
 * @throws RangeError when a tensor's bytes do not fit its shape; IdiomError `diskFull` or `notPermitted`.
 *   The old file is then untouched.
 */
export async function writeGguf(path: string, content: GgufToWrite): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await writeContent(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainFileError(error, path);
  }
}

/** A metadata record as it is in the file: key, type, value. */
export function encodeMetadata(key: string, entry: MetadataValue): Uint8Array {
  const parts = [encodeText(key), encodeUint32(valueTypes.indexOf(entry.type))];
  if (entry.type === 'array') {
    const { elementType } = entry;
    parts.push(encodeUint32(valueTypes.indexOf(elementType)), encodeLength(entry.value.length));
    for (const element of entry.value) parts.push(encodeScalar(elementType, element));
  } else parts.push(encodeScalar(entry.type, entry.value));
  return Buffer.concat(parts);
}

async function writeContent(file: FileHandle, content: GgufToWrite): Promise<void> {
  const alignment = content.alignment ?? defaultAlignment;
  const head = encodeHead(content, alignment);
  await file.write(head);
  let offsetBytes = head.length;
  for (const tensor of content.tensors) {
    const bytes = await tensor.bytes();
    const expected = sizeOf(tensor);
    if (bytes.length !== expected)
      throw new RangeError(`Tensor ${tensor.name} takes ${expected} bytes, not ${bytes.length}.`);
    offsetBytes += await writePadding(file, offsetBytes, alignment);
    await writeAll(file, bytes);
    offsetBytes += bytes.length;
  }
  await writePadding(file, offsetBytes, alignment);
}

function encodeHead(content: GgufToWrite, alignment: number): Uint8Array {
  const parts: Uint8Array[] = [
    encodeUint32(ggufMagic),
    encodeUint32(version),
    encodeLength(content.tensors.length),
    encodeLength(content.metadata.size),
  ];
  for (const [key, entry] of content.metadata)
    parts.push(entry instanceof Uint8Array ? entry : encodeMetadata(key, entry));
  let offsetBytes = 0;
  for (const tensor of content.tensors) {
    parts.push(encodeText(tensor.name), encodeUint32(tensor.shape.length));
    for (const size of tensor.shape) parts.push(encodeLength(size));
    parts.push(encodeUint32(tensorTypes[tensor.type].id), encodeLength(offsetBytes));
    offsetBytes = alignUp(offsetBytes + sizeOf(tensor), alignment);
  }
  return Buffer.concat(parts);
}

function sizeOf(tensor: TensorToWrite): number {
  return tensorSizeBytes(
    tensor.type,
    tensor.shape.reduce((product, size) => product * size, 1),
  );
}

async function writePadding(file: FileHandle, offsetBytes: number, alignment: number): Promise<number> {
  const nPadding = alignUp(offsetBytes, alignment) - offsetBytes;
  if (nPadding > 0) await writeAll(file, new Uint8Array(nPadding));
  return nPadding;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

function encodeScalar(type: Exclude<ValueType, 'array'>, value: Scalar): Uint8Array {
  if (type === 'string') return encodeText(String(value));
  const bytes = Buffer.alloc(scalarSizeBytes[type]);
  if (type === 'uint64') bytes.writeBigUInt64LE(BigInt(value));
  else if (type === 'int64') bytes.writeBigInt64LE(BigInt(value));
  else if (type === 'float32') bytes.writeFloatLE(Number(value));
  else if (type === 'float64') bytes.writeDoubleLE(Number(value));
  else if (type.startsWith('int')) bytes.writeIntLE(Number(value), 0, bytes.length);
  else bytes.writeUIntLE(Number(value), 0, bytes.length);
  return bytes;
}

function encodeText(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

function encodeUint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function encodeLength(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
