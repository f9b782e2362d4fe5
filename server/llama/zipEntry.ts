/**
 * Takes one file out of a zip archive. Knows stored and deflated entries below 4 GB, and nothing else of the format.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
 */

import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { IdiomError } from '../base/errors.ts';

const endSignature = 0x06054b50;
const endSizeBytes = 22;
const maxCommentBytes = 0xffff;
const entrySignature = 0x02014b50;
const entrySizeBytes = 46;
const localSizeBytes = 30;
const stored = 0;
const deflated = 8;

interface Entry {
  readonly method: number;
  readonly compressedBytes: number;
  readonly localOffsetBytes: number;
}

export interface ExtractOptions {
  readonly name: string;
  readonly targetPath: string;
  readonly signal: AbortSignal;
  /** `share`: of the packed bytes, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Writes the entry `name` to `targetPath` (mode 0600); its content is not checked here.
 * @throws IdiomError `badFile` when the archive can't be read or has no such entry.
 */
export async function extractZipEntry(
  zipPath: string,
  { name, targetPath, signal, onProgress }: ExtractOptions,
): Promise<void> {
  const file = await open(zipPath, 'r');
  let entry: Entry;
  let dataOffsetBytes: number;
  try {
    entry = await findEntry(file, zipPath, name);
    const local = await readAt(file, entry.localOffsetBytes, localSizeBytes);
    dataOffsetBytes =
      entry.localOffsetBytes + localSizeBytes + local.readUInt16LE(26) + local.readUInt16LE(28);
  } finally {
    await file.close();
  }
  const end = dataOffsetBytes + entry.compressedBytes - 1;
  const packed = createReadStream(zipPath, { start: dataOffsetBytes, end });
  if (onProgress !== undefined) packed.on('data', () => onProgress(packed.bytesRead / entry.compressedBytes));
  await pipeline(
    packed,
    entry.method === stored ? new PassThrough() : createInflateRaw(),
    createWriteStream(targetPath, { mode: 0o600 }),
    { signal },
  );
}

async function findEntry(file: FileHandle, zipPath: string, name: string): Promise<Entry> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - endSizeBytes - maxCommentBytes);
  const tail = await readAt(file, tailStart, size - tailStart);
  const endAt = findEnd(tail);
  if (endAt === undefined) throw broken(zipPath, 'it is no zip archive');
  const directory = await readAt(file, tail.readUInt32LE(endAt + 16), tail.readUInt32LE(endAt + 12));
  let at = 0;
  while (at + entrySizeBytes <= directory.length && directory.readUInt32LE(at) === entrySignature) {
    const nameEnd = at + entrySizeBytes + directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + entrySizeBytes, nameEnd) === name) {
      const method = directory.readUInt16LE(at + 10);
      if (method !== stored && method !== deflated)
        throw broken(zipPath, `"${name}" is packed in a way unknown here`);
      return {
        method,
        compressedBytes: directory.readUInt32LE(at + 20),
        localOffsetBytes: directory.readUInt32LE(at + 42),
      };
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw broken(zipPath, `it holds no "${name}"`);
}

function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - endSizeBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) === endSignature) return at;
  }
  return undefined;
}

async function readAt(file: FileHandle, offsetBytes: number, sizeBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(sizeBytes);
  await file.read(buffer, 0, sizeBytes, offsetBytes);
  return buffer;
}

function broken(path: string, why: string): IdiomError {
  return new IdiomError('badFile', `${path} can't be unpacked: ${why}.`);
}
