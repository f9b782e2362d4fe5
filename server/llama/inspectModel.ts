/** What can be known of a base model file before it is loaded: its header and its digest. */

import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { digestFile } from '../base/digest.ts';
import { describeModel } from '../gguf/describeModel.ts';
import type { ModelDescription } from '../gguf/describeModel.ts';
import { readGgufHeader } from '../gguf/readHeader.ts';

export interface InspectedModel {
  readonly description: ModelDescription;
  /** `general.name`, or the file's name. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly digest: string;
}

const digests = new Map<string, string>();

/**
 * Reads the header, then all of the file for its digest, once per file, size and time of change.
 * @throws IdiomError `modelMissing`, `modelBroken` or `modelUnsupported` with what is wrong with the file.
 */
export async function inspectModel(path: string): Promise<InspectedModel> {
  const header = await readGgufHeader(path);
  const description = describeModel(header);
  return {
    description,
    name: description.name ?? basename(path),
    sizeBytes: header.fileSizeBytes,
    digest: await modelDigest(path),
  };
}

/** SHA-256 of the file, remembered as long as size and time of change stay. */
export async function modelDigest(path: string): Promise<string> {
  const { size, mtimeMs } = statSync(path);
  const key = `${path}\n${size}\n${mtimeMs}`;
  const known = digests.get(key);
  if (known !== undefined) return known;
  const digest = await digestFile(path);
  digests.set(key, digest);
  return digest;
}
