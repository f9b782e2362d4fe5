/**
 * Reads the header of a GGUF file: metadata and where each tensor lies. Trusts no length in it and reads no weights.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, section "File Structure".
 */

import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { IdiomError, systemCode } from '../base/errors.ts';
import { FileCursor, OutOfBytes } from './fileCursor.ts';
import {
  alignUp,
  defaultAlignment,
  ggufMagic,
  scalarSizeBytes,
  tensorSizeBytes,
  tensorTypes,
  valueTypes,
} from './format.ts';
import { quoteName } from './quoteName.ts';
import type {
  FileRange,
  GgufHeader,
  GgufTensor,
  MetadataValue,
  Scalar,
  TensorType,
  ValueType,
} from './format.ts';

/** The largest vocabularies have 260,000 tokens and 520,000 merges; headers of them take about 15 MB. */
const maxHeaderBytes = 256 * 2 ** 20;
const maxArrayLength = 4_000_000;
const maxStringBytes = 16 * 2 ** 20;
const maxKeyBytes = 65_535;
const maxMetadata = 65_536;
const maxTensors = 65_536;
const maxDimensions = 4;
const maxTensorNameBytes = 256;
const maxAlignment = 2 ** 20;
/** A name of no bytes, no dimensions, type and offset. */
const minTensorRecordBytes = 8 + 4 + 4 + 8;

/** "vers", as in the first line of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const gitLfsMagic = 0x73726576;

/** What the file is for; decides the code of the error. */
export type GgufKind = 'model' | 'adapter';

/**
 * Reads and checks the header; weights are not read, but must lie inside the file and not overlap.
 * @throws IdiomError `modelMissing`; `modelBroken` (or `adapterBroken`) when the file is no GGUF, cut short or
 *   contradicts itself; `modelUnsupported` for another version, byte order or an unknown tensor type.
 */
export async function readGgufHeader(path: string, kind: GgufKind = 'model'): Promise<GgufHeader> {
  const file = await openForReading(path, kind);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw broken(path, kind, 'it is not a file');
    return await readFrom(file, path, kind, stat.size);
  } catch (error) {
    if (error instanceof OutOfBytes) throw broken(path, kind, 'it ends in the middle of its header');
    throw error;
  } finally {
    await file.close();
  }
}

interface Reading {
  readonly cursor: FileCursor;
  readonly fail: (why: string) => IdiomError;
  readonly unsupported: (why: string) => IdiomError;
}

async function readFrom(
  file: FileHandle,
  path: string,
  kind: GgufKind,
  fileSizeBytes: number,
): Promise<GgufHeader> {
  const cursor = new FileCursor(file, Math.min(fileSizeBytes, maxHeaderBytes));
  const reading: Reading = {
    cursor,
    fail: (why) => broken(path, kind, why),
    unsupported: (why) =>
      new IdiomError('modelUnsupported', `${basename(path)} cannot be used, since ${why}.`, {
        remedy: 'Choose another GGUF file.',
      }),
  };
  const version = await readVersion(reading);
  await cursor.ensure(16);
  const nTensors = cursor.length();
  const nMetadata = cursor.length();
  if (nTensors > maxTensors || nTensors * minTensorRecordBytes > cursor.remainingBytes)
    throw reading.fail(`it claims to have ${describeCount(nTensors)} tensors`);
  if (nMetadata > maxMetadata) throw reading.fail(`it claims to have ${describeCount(nMetadata)} settings`);
  const { metadata, ranges } = await readMetadata(reading, nMetadata);
  const alignment = alignmentOf(reading, metadata);
  const records = await readTensorRecords(reading, nTensors);
  const dataStartBytes = alignUp(cursor.offsetBytes, alignment);
  const tensors = records.map((record) => ({
    ...record,
    offsetBytes: dataStartBytes + record.offsetBytes,
  }));
  checkPlaces(reading, tensors, alignment, fileSizeBytes);
  return { path, version, fileSizeBytes, alignment, metadata, metadataRanges: ranges, tensors };
}

async function readVersion({ cursor, fail, unsupported }: Reading): Promise<number> {
  await cursor.ensure(8);
  const magic = cursor.uint32();
  if (magic === gitLfsMagic)
    throw fail('it is a Git LFS pointer, and "git lfs pull" fetches the file itself');
  if (magic !== ggufMagic) throw fail('it is no GGUF file');
  const version = cursor.uint32();
  if (version === 2 || version === 3) return version;
  if (version > 0 && (version & 0xffff) === 0) throw unsupported('it is written for big-endian machines');
  throw unsupported(`it has version ${version} of the GGUF format, not 2 or 3`);
}

async function readMetadata(
  reading: Reading,
  nMetadata: number,
): Promise<{ metadata: Map<string, MetadataValue>; ranges: Map<string, FileRange> }> {
  const { cursor, fail } = reading;
  const metadata = new Map<string, MetadataValue>();
  const ranges = new Map<string, FileRange>();
  for (let i = 0; i < nMetadata; i++) {
    const offsetBytes = cursor.offsetBytes;
    const key = await readText(reading, maxKeyBytes);
    if (metadata.has(key)) throw fail(`it names the setting ${quoteName(key)} twice`);
    metadata.set(key, await readValue(reading, key));
    ranges.set(key, { offsetBytes, sizeBytes: cursor.offsetBytes - offsetBytes });
  }
  return { metadata, ranges };
}

async function readValue(reading: Reading, key: string): Promise<MetadataValue> {
  const { cursor, fail } = reading;
  const type = await readValueType(reading, key);
  if (type !== 'array') return { type, value: await readScalar(reading, type) };
  const elementType = await readValueType(reading, key);
  if (elementType === 'array') throw fail(`its setting ${quoteName(key)} is a list of lists`);
  await cursor.ensure(8);
  const nElements = cursor.length();
  const minElementBytes = elementType === 'string' ? 8 : scalarSizeBytes[elementType];
  if (nElements > maxArrayLength || nElements * minElementBytes > cursor.remainingBytes)
    throw fail(`its setting ${quoteName(key)} claims to have ${describeCount(nElements)} entries`);
  const value: Scalar[] = [];
  for (let i = 0; i < nElements; i++) {
    const wait = cursor.ensure(minElementBytes);
    if (wait !== undefined) await wait;
    if (elementType === 'string') value.push(await readText(reading, maxStringBytes));
    else value.push(cursor.scalar(elementType));
  }
  return { type, elementType, value };
}

async function readValueType({ cursor, fail }: Reading, key: string): Promise<ValueType> {
  await cursor.ensure(4);
  const id = cursor.uint32();
  const type = valueTypes[id];
  if (type === undefined) throw fail(`its setting ${quoteName(key)} has the unknown type ${id}`);
  return type;
}

async function readScalar(reading: Reading, type: Exclude<ValueType, 'array'>): Promise<Scalar> {
  if (type === 'string') return readText(reading, maxStringBytes);
  await reading.cursor.ensure(scalarSizeBytes[type]);
  return reading.cursor.scalar(type);
}

async function readText({ cursor, fail }: Reading, maxBytes: number): Promise<string> {
  const waitForLength = cursor.ensure(8);
  if (waitForLength !== undefined) await waitForLength;
  const nBytes = cursor.length();
  if (nBytes > maxBytes) throw fail(`it claims to have a text of ${describeCount(nBytes)} bytes`);
  const waitForBytes = cursor.ensure(nBytes);
  if (waitForBytes !== undefined) await waitForBytes;
  return cursor.text(nBytes);
}

function alignmentOf({ fail }: Reading, metadata: ReadonlyMap<string, MetadataValue>): number {
  const entry = metadata.get('general.alignment');
  if (entry === undefined) return defaultAlignment;
  const { value } = entry;
  const isPowerOfTwo = typeof value === 'number' && value >= 1 && Number.isInteger(Math.log2(value));
  if (entry.type !== 'uint32' || !isPowerOfTwo || value > maxAlignment)
    throw fail('its alignment is no power of two');
  return value;
}

/** Tensor records; `offsetBytes` is still relative to the start of the tensor data. */
async function readTensorRecords(reading: Reading, nTensors: number): Promise<GgufTensor[]> {
  const { cursor, fail } = reading;
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < nTensors; i++) {
    const name = await readText(reading, maxTensorNameBytes);
    if (names.has(name)) throw fail(`it has the tensor ${quoteName(name)} twice`);
    names.add(name);
    const shape = await readShape(reading, name);
    await cursor.ensure(12);
    const type = tensorTypeById.get(cursor.uint32());
    const offsetBytes = cursor.length();
    if (type === undefined)
      throw reading.unsupported(`its tensor ${quoteName(name)} has a type that is not known here`);
    if (shape.length === 0 || (shape[0] ?? 1) % tensorTypes[type].blockSize !== 0)
      throw fail(`the rows of its tensor ${quoteName(name)} are no whole blocks of ${type}`);
    const nWeights = shape.reduce((product, size) => product * size, 1);
    const sizeBytes = tensorSizeBytes(type, nWeights);
    if (!Number.isSafeInteger(nWeights) || !Number.isSafeInteger(sizeBytes))
      throw fail(`its tensor ${quoteName(name)} is too large`);
    tensors.push({ name, shape, type, offsetBytes, sizeBytes });
  }
  return tensors;
}

async function readShape({ cursor, fail }: Reading, name: string): Promise<number[]> {
  await cursor.ensure(4);
  const nDimensions = cursor.uint32();
  if (nDimensions > maxDimensions) throw fail(`its tensor ${quoteName(name)} has ${nDimensions} dimensions`);
  await cursor.ensure(nDimensions * 8);
  return Array.from({ length: nDimensions }, () => cursor.length());
}

/** Aligned, inside the file, and no two in the same place. */
function checkPlaces(
  { fail }: Reading,
  tensors: readonly GgufTensor[],
  alignment: number,
  fileSizeBytes: number,
): void {
  let endBytes = 0;
  const inOrder = [...tensors].sort((a, b) => a.offsetBytes - b.offsetBytes);
  for (const { name, offsetBytes, sizeBytes } of inOrder) {
    if (!Number.isSafeInteger(offsetBytes + sizeBytes) || offsetBytes % alignment !== 0)
      throw fail(`its tensor ${quoteName(name)} lies at an impossible place`);
    if (offsetBytes < endBytes) throw fail(`its tensor ${quoteName(name)} overlaps another one`);
    endBytes = offsetBytes + sizeBytes;
    if (endBytes > fileSizeBytes)
      throw fail(
        `it is cut short: it has ${fileSizeBytes} bytes, and its tensor ${quoteName(name)} ends at ${endBytes}`,
      );
  }
}

const tensorTypeById = new Map(
  Object.entries(tensorTypes).map(([name, { id }]) => [id as number, name as TensorType]),
);

async function openForReading(path: string, kind: GgufKind): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const isMissing = systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
    if (isMissing && kind === 'model')
      throw new IdiomError('modelMissing', `There is no model file ${path}.`, {
        remedy: 'Check the setting idiom.baseModel, or let Idiom download its default model.',
        cause: error,
      });
    if (isMissing) throw broken(path, kind, 'it is not there');
    throw new IdiomError('notPermitted', `Idiom may not read ${path}.`, {
      remedy: 'Make the file readable for you.',
      cause: error,
    });
  }
}

function broken(path: string, kind: GgufKind, why: string): IdiomError {
  const code = kind === 'model' ? 'modelBroken' : 'adapterBroken';
  const remedy =
    kind === 'model'
      ? 'Download it again, or choose another file.'
      : 'Name another adapter, or train a new one.';
  return new IdiomError(code, `The ${kind} file ${basename(path)} is broken: ${why}.`, { remedy });
}

function describeCount(count: number): string {
  return Number.isFinite(count) ? String(count) : 'more than 2^53';
}
