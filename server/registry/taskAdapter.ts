/** The adapter that comes with Idiom: what completing code is, for a base model that was never taught it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAdapter } from './adapterStore.ts';
import type { StoredAdapter } from './adapterStore.ts';

export interface TaskAdapterFiles {
  /** As a stored version, beside the other two. */
  readonly folder: string;
  /** Held-out cases of packages that nothing here was trained on; server/evaluation/outsideCases.ts reads them. */
  readonly heldOut: string;
  /** What trainings of repositories mix in against forgetting; server/training/dataset/replayFile.ts reads it. */
  readonly replay: string;
}

/** @param mediaFolder of the installed package. */
export function taskAdapterFiles(mediaFolder: string): TaskAdapterFiles {
  const folder = join(mediaFolder, 'taskAdapter');
  return { folder, heldOut: join(folder, 'heldOut.jsonl.gz'), replay: join(folder, 'replay.jsonl.gz') };
}

/**
 * Undefined when there is none for this base model.
 * @throws IdiomError `adapterBroken` when its lineage cannot be read. Its weights are checked when an engine loads them.
 */
export function findTaskAdapter(mediaFolder: string, baseDigest: string): StoredAdapter | undefined {
  const { folder } = taskAdapterFiles(mediaFolder);
  if (!existsSync(join(folder, 'lineage.json'))) return undefined;
  const adapter = readAdapter(folder);
  return adapter.lineage.baseDigest === baseDigest ? adapter : undefined;
}

/** For a daemon, which asks at each request: looks once for each base model, and goes on without one that is broken. */
export function createTaskAdapters(
  mediaFolder: string,
  onBroken: (error: unknown) => void,
): (baseDigest: string) => StoredAdapter | undefined {
  const known = new Map<string, StoredAdapter | undefined>();
  return (baseDigest) => {
    if (known.has(baseDigest)) return known.get(baseDigest);
    let found: StoredAdapter | undefined;
    try {
      found = findTaskAdapter(mediaFolder, baseDigest);
    } catch (error) {
      onBroken(error);
    }
    known.set(baseDigest, found);
    return found;
  };
}
