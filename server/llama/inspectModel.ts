/** What can be known of a base model file before it is loaded: its header and its digest. */

import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { digestFile } from '../base/digest.ts';
import { checkModel } from '../gguf/checkModel.ts';
import { describeModel } from '../gguf/describeModel.ts';
import type { ModelDescription } from '../gguf/describeModel.ts';
import { readGgufHeader } from '../gguf/readHeader.ts';

export interface InspectedModel {
  readonly description: ModelDescription;
  /** `general.name`, or the file's name. */
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256, while the model is being loaded already: two seconds for 1.6 GB. */
  readonly digest: Promise<string>;
}

const digests = new Map<string, string>();

/**
 * Reads the header; all of the file for its digest goes on meanwhile, once per file, size and time of change.
 * @throws IdiomError `modelMissing`, `modelBroken` or `modelUnsupported` with what is wrong with the file.
 */
export async function inspectModel(path: string): Promise<InspectedModel> {
  const header = await readGgufHeader(path);
  const description = describeModel(header);
  checkModel(header);
  const digest = modelDigest(path);
  // Who awaits it gets the error; it must not end the process before.
  digest.catch(() => undefined);
  return {
    description,
    name: description.name ?? basename(path),
    sizeBytes: header.fileSizeBytes,
    digest,
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
