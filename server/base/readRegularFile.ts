/** Reads files that somebody else may have put there: never waits for a pipe or device, never takes more than it was told. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

export interface ReadLimits {
  /** A larger file is not read. */
  readonly maxBytes: number;
  /** Default: a symbolic link is no regular file. */
  readonly followsLinks?: boolean;
}

/**
 * All bytes of a regular file.
 * @throws the system's error, ELOOP for a symbolic link among them; NotReadable when it is a pipe, device, socket or folder,
 *   larger than `maxBytes`, or still growing.
 */
export function readRegularFile(path: string, { maxBytes, followsLinks = false }: ReadLimits): Buffer {
  // Windows has neither flag.
  const noFollow = followsLinks ? 0 : (constants.O_NOFOLLOW ?? 0);
  const fd = openSync(path, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new NotReadable('notAFile');
    if (stats.size > maxBytes) throw new NotReadable('tooLarge');
    // One byte more than there is, so that the end is seen without asking the system for it.
    const buffer = Buffer.allocUnsafe(stats.size + 1);
    let nRead = 0;
    for (;;) {
      const n = readSync(fd, buffer, nRead, buffer.length - nRead, null);
      if (n === 0) return buffer.subarray(0, nRead);
      nRead += n;
      if (nRead === buffer.length) throw new NotReadable('tooLarge');
    }
  } finally {
    closeSync(fd);
  }
}

export class NotReadable extends Error {
  readonly why: 'notAFile' | 'tooLarge';

  constructor(why: NotReadable['why']) {
    super(why === 'notAFile' ? 'It is no regular file.' : 'It is too large.');
    this.why = why;
  }
}
