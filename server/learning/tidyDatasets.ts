/** Deletes datasets after the time for which anything recorded is kept: they hold it as text. Adapters stay. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A dataset is never changed, so its age is that of its folder; half-written ones that were given up go too.
 * @returns digests.
 */
export function tidyDatasets(datasetsFolder: string, beforeMs: number): string[] {
  const names = existsSync(datasetsFolder) ? readdirSync(datasetsFolder) : [];
  return names.filter((name) => {
    const path = join(datasetsFolder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs >= beforeMs) return false;
    rmSync(path, { recursive: true, force: true });
    return true;
  });
}
