/** How many bytes files and folders take; what is not there takes none. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folders count with all that is in them, links as what they point to. Bytes of content, not of blocks. */
export function sizeOnDisk(...paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + sizeOf(path), 0);
}

function sizeOf(path: string): number {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.size;
    return sizeOnDisk(...readdirSync(path).map((name) => join(path, name)));
  } catch {
    return 0;
  }
}
