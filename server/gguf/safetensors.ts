/**
 * Reads and writes safetensors files, the format of PEFT adapters. Meant for small files: all tensors are in memory.
 * Source: https://github.com/huggingface/safetensors#format.
 */

import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { describeError, IdiomError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/writeFile.ts';

/** Types that adapters come in. */
const itemSizeBytes = { F32: 4, F16: 2, BF16: 2 } as const;

export type SafetensorsType = keyof typeof itemSizeBytes;

export interface SafeTensor {
  readonly type: SafetensorsType;
  /** The slowest-moving dimension first, so `lora_A` is [r, inputs]. */
  readonly shape: readonly number[];
  /** Little-endian items, rows first. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An adapter of r 64 for a 3B model takes 240 MB. */
const maxFileBytes = 2 ** 30;

const tensorSchema = z.strictObject({
  dtype: z.enum(['F32', 'F16', 'BF16']),
  shape: z.array(z.int().nonnegative()).max(8),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

/** @throws IdiomError `adapterBroken` when the file is cut short, contradicts itself, or leaves gaps. */
export async function readSafetensors(path: string): Promise<SafetensorsContent> {
  const fail = (why: string, cause?: unknown) =>
    new IdiomError('adapterBroken', `The adapter file ${basename(path)} is broken: ${why}.`, {
      remedy: 'Remove this version, or train a new one.',
      cause,
    });
  const { size } = await stat(path).catch((error: unknown) => {
    throw fail('it cannot be read', error);
  });
  if (size > maxFileBytes) throw fail('it is larger than 1 GiB');
  const file = await readFile(path);
  if (file.length < 8) throw fail('it ends in the middle of its header');
  const headerBytes = file.readBigUInt64LE(0);
  if (headerBytes > BigInt(file.length - 8)) throw fail('it ends in the middle of its header');
  const dataStart = 8 + Number(headerBytes);
  try {
    return parse(file.toString('utf8', 8, dataStart), file.subarray(dataStart));
  } catch (error) {
    const why = error instanceof RangeError ? describeError(error) : 'its header makes no sense';
    throw fail(why, error);
  }
}

/** Replaces `path` atomically, mode 0600. @throws RangeError when bytes do not fit a shape; IdiomError as writeFileAtomic. */
export function writeSafetensors(path: string, content: SafetensorsContent): void {
  const header: Record<string, unknown> = {};
  if (Object.keys(content.metadata).length > 0) header['__metadata__'] = content.metadata;
  let endBytes = 0;
  for (const [name, { type, shape, bytes }] of content.tensors) {
    if (bytes.length !== sizeOf(type, shape))
      throw new RangeError(`Tensor ${name} takes ${sizeOf(type, shape)} bytes, not ${bytes.length}.`);
    header[name] = { dtype: type, shape, data_offsets: [endBytes, endBytes + bytes.length] };
    endBytes += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = [...content.tensors.values()].map((tensor) => tensor.bytes);
  writeFileAtomic(path, Buffer.concat([length, padded, ...data]));
}

/** @throws RangeError with a reason, or another error when the header is not what it should be. */
function parse(json: string, data: Uint8Array): SafetensorsContent {
  const { __metadata__, ...entries } = headerSchema.parse(JSON.parse(json));
  const records = Object.entries(entries)
    .map(([name, entry]) => ({ name, ...tensorSchema.parse(entry) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
  const tensors = new Map<string, SafeTensor>();
  let endBytes = 0;
  for (const { name, dtype, shape, data_offsets } of records) {
    const [start, end] = data_offsets;
    if (start !== endBytes || end - start !== sizeOf(dtype, shape))
      throw new RangeError('its tensors overlap or leave gaps');
    tensors.set(name, { type: dtype, shape, bytes: new Uint8Array(data.subarray(start, end)) });
    endBytes = end;
  }
  if (endBytes !== data.length) throw new RangeError('its tensors are not all there');
  return { tensors, metadata: metadataSchema.parse(__metadata__ ?? {}) };
}

function sizeOf(type: SafetensorsType, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1) * itemSizeBytes[type];
}
