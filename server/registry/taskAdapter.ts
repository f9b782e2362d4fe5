/** The adapter that comes with Idiom: what completing code is, for a base model that was never taught it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAdapter } from './adapterStore.ts';
import type { StoredAdapter } from './adapterStore.ts';

/**
 * Undefined when there is none for this base model.
 * @param folder `media/taskAdapter` of the installed package.
 * @throws IdiomError `adapterBroken` when its lineage cannot be read. Its weights are checked when an engine loads them.
 */
export function findTaskAdapter(folder: string, baseDigest: string): StoredAdapter | undefined {
  if (!existsSync(join(folder, 'lineage.json'))) return undefined;
  const adapter = readAdapter(folder);
  return adapter.lineage.baseDigest === baseDigest ? adapter : undefined;
}

/** For a daemon, which asks at each request: looks once for each base model, and goes on without one that is broken. */
export function createTaskAdapters(
  folder: string,
  onBroken: (error: unknown) => void,
): (baseDigest: string) => StoredAdapter | undefined {
  const known = new Map<string, StoredAdapter | undefined>();
  return (baseDigest) => {
    if (known.has(baseDigest)) return known.get(baseDigest);
    let found: StoredAdapter | undefined;
    try {
      found = findTaskAdapter(folder, baseDigest);
    } catch (error) {
      onBroken(error);
    }
    known.set(baseDigest, found);
    return found;
  };
}
