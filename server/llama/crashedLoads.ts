/** Remembers model files that killed the engine while it loaded them, so that none is tried again until it changes. */

import { z } from 'zod';
import { createDerivedRecord } from '../base/derivedRecord.ts';
import { fileStamp } from '../base/fileStamp.ts';

export interface CrashedLoads {
  /** What the engine died of with the file as it is now; undefined: it may be tried. */
  reasonOf(modelPath: string): string | undefined;
  note(modelPath: string, reason: string): void;
}

/**
 * @param path a derived file; undefined: remembered by this process alone. One that can't be read or written costs a try.
 * @param version of Idiom: another one has another engine, which may load what this one dies of.
 */
export function createCrashedLoads(path: string | undefined, version: string): CrashedLoads {
  const record = createDerivedRecord(path, z.object({ stamp: z.string(), reason: z.string() }));
  function stampOf(modelPath: string): string | undefined {
    const stamp = fileStamp(modelPath);
    return stamp === undefined ? undefined : `${version} ${stamp}`;
  }
  return {
    reasonOf(modelPath) {
      const known = record.get(modelPath);
      return known !== undefined && known.stamp === stampOf(modelPath) ? known.reason : undefined;
    },
    note(modelPath, reason) {
      const stamp = stampOf(modelPath);
      if (stamp !== undefined) record.set(modelPath, { stamp, reason });
    },
  };
}
