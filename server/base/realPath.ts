/** Where a path really leads, for files that may not be there yet. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Absolute path without symbolic links in it; what does not exist is kept as it is. Never throws. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}
