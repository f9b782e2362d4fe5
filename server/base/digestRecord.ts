/** Digests of large files, remembered across restarts, so that a file which nobody touched need not be read whole. */

import { z } from 'zod';
import { createDerivedRecord } from './derivedRecord.ts';
import { digestFile } from './digest.ts';
import { fileStamp } from './fileStamp.ts';

export interface DigestRecord {
  /** The SHA-256 that the file had when it was last read, if its stamp is still the same; nothing of it is read. */
  recall(path: string): string | undefined;
  /** Reads the whole file and remembers its SHA-256. @throws as digestFile. */
  read(path: string): Promise<string>;
}

/** @param path of the record, as createDerivedRecord takes it. */
export function createDigestRecord(path?: string): DigestRecord {
  const record = createDerivedRecord(
    path,
    z.object({ stamp: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  );
  return {
    recall(file) {
      const known = record.get(file);
      return known !== undefined && known.stamp === fileStamp(file) ? known.digest : undefined;
    },
    async read(file) {
      const stamp = fileStamp(file);
      const digest = await digestFile(file);
      if (stamp !== undefined && stamp === fileStamp(file)) record.set(file, { stamp, digest });
      return digest;
    },
  };
}
