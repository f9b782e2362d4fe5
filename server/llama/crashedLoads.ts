/** Remembers model files that killed the engine while it loaded them, so that none is tried again until it changes. */

import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from '../base/writeFile.ts';

export interface CrashedLoads {
  /** What the engine died of with the file as it is now; undefined: it may be tried. */
  reasonOf(modelPath: string): string | undefined;
  note(modelPath: string, reason: string): void;
}

const schema = z.record(z.string(), z.object({ stamp: z.string(), reason: z.string() }));
type Crashes = z.infer<typeof schema>;
const maxFiles = 100;

/**
 * @param path a derived file; undefined: remembered by this process alone. One that can't be read or written costs a try.
 * @param version of Idiom: another one has another engine, which may load what this one dies of.
 */
export function createCrashedLoads(path: string | undefined, version: string): CrashedLoads {
  let crashes = path === undefined ? {} : read(path);
  return {
    reasonOf(modelPath) {
      const known = crashes[modelPath];
      return known !== undefined && known.stamp === stampOf(modelPath, version) ? known.reason : undefined;
    },
    note(modelPath, reason) {
      const stamp = stampOf(modelPath, version);
      if (stamp === undefined) return;
      // The oldest stand first.
      const { [modelPath]: _again, ...others } = path === undefined ? crashes : read(path);
      const kept = Object.entries(others).slice(1 - maxFiles);
      crashes = { ...Object.fromEntries(kept), [modelPath]: { stamp, reason } };
      if (path !== undefined) write(path, crashes);
    },
  };
}

function stampOf(modelPath: string, version: string): string | undefined {
  const stat = statSync(modelPath, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${version} ${stat.size} ${stat.mtimeNs} ${stat.ino}`;
}

function read(path: string): Crashes {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

function write(path: string, crashes: Crashes): void {
  try {
    writeFileAtomic(path, JSON.stringify(crashes));
  } catch {
    // Then a later process tries once more.
  }
}
