/** What can be known of a base model file before it is loaded: its header and its digest. */

import { basename } from 'node:path';
import { createDigestRecord } from '../base/digestRecord.ts';
import type { DigestRecord } from '../base/digestRecord.ts';
import { fileStamp } from '../base/fileStamp.ts';
import { checkModel } from '../gguf/checkModel.ts';
import { describeModel } from '../gguf/describeModel.ts';
import type { ModelDescription } from '../gguf/describeModel.ts';
import { readGgufHeader } from '../gguf/readHeader.ts';

export interface InspectedModel {
  readonly description: ModelDescription;
  /** `general.name`, or the file's name. */
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256: at once where it is on record, else while the model is being loaded already, two seconds for 1.6 GB. */
  readonly digest: Promise<string>;
  /**
   * Where the digest came from the record: reads the whole file, and says whether it has that digest. A file that was
   * changed or replaced since is another one, of which this says nothing. @throws when it can't be read.
   */
  readonly verify?: () => Promise<'whole' | 'damaged' | 'replaced'>;
}

const inThisProcess = createDigestRecord();

/**
 * Reads the header, and for its digest all of the file, unless that is on record.
 * @throws IdiomError `modelMissing`, `modelBroken` or `modelUnsupported` with what is wrong with the file.
 */
export async function inspectModel(
  path: string,
  digests: DigestRecord = inThisProcess,
): Promise<InspectedModel> {
  const header = await readGgufHeader(path);
  const description = describeModel(header);
  checkModel(header);
  const known = digests.recall(path);
  const digest = known === undefined ? digests.read(path) : Promise.resolve(known);
  // Who awaits it gets the error; it must not end the process before.
  digest.catch(() => undefined);
  return {
    description,
    name: description.name ?? basename(path),
    sizeBytes: header.fileSizeBytes,
    digest,
    ...(known === undefined ? {} : { verify: () => verify(path, known, digests) }),
  };
}

async function verify(
  path: string,
  digest: string,
  digests: DigestRecord,
): Promise<'whole' | 'damaged' | 'replaced'> {
  if (digests.recall(path) !== digest) return 'replaced';
  const stamp = fileStamp(path);
  const found = await digests.read(path);
  if (found === digest) return 'whole';
  return stamp === fileStamp(path) ? 'damaged' : 'replaced';
}
