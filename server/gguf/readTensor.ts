/** Reads one tensor's bytes or weights from a GGUF file whose header was checked. Keeps nothing open. */

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { IdiomError } from '../base/errors.ts';
import { dequantise } from './dequantise.ts';
import type { GgufHeader, GgufTensor } from './format.ts';

/** @throws IdiomError `modelBroken` when the file became shorter since its header was read. */
export async function readTensorBytes(header: GgufHeader, tensor: GgufTensor): Promise<Uint8Array> {
  return readFileRange(header, tensor);
}

/** The weights in single precision, rows first. @throws IdiomError as readTensorBytes and dequantise do. */
export async function readTensor(header: GgufHeader, tensor: GgufTensor): Promise<Float32Array> {
  return dequantise(tensor.type, await readFileRange(header, tensor));
}

/** Every record of the metadata as it lies in the file, by key: what a copy of the file writes again. */
export async function readRawMetadata(header: GgufHeader): Promise<Map<string, Uint8Array>> {
  const metadata = new Map<string, Uint8Array>();
  for (const [key, range] of header.metadataRanges) metadata.set(key, await readFileRange(header, range));
  return metadata;
}

export async function readFileRange(
  header: GgufHeader,
  range: { readonly offsetBytes: number; readonly sizeBytes: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.sizeBytes);
  const file = await open(header.path, 'r');
  try {
    for (let done = 0; done < bytes.length;) {
      const length = Math.min(bytes.length - done, 2 ** 30);
      const { bytesRead } = await file.read(bytes, done, length, range.offsetBytes + done);
      if (bytesRead === 0)
        throw new IdiomError('modelBroken', `${basename(header.path)} became shorter while it was read.`, {
          remedy: 'Download it again.',
        });
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
  return bytes;
}
