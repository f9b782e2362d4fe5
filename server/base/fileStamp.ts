/** Tells a file from another one, and from itself after a change, without reading it. */

import { statSync } from 'node:fs';

/**
 * Size, times of change and place on the disk, as a text to compare. Undefined: there is no such file. A program that
 * sets a file's time of change back leaves its `ctime`, which only the system sets (stat(2)).
 */
export function fileStamp(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat?.isFile() === true ? `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}` : undefined;
}
