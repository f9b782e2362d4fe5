/** Which folders inside the working tree's folder are no part of the working tree; ignore rules are not its business. */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../base/readRegularFile.ts';

/** As in a walk: symbolic links are not followed, and another repository's files are its own. */
export type ForeignReason = 'notAFile' | 'versionControl';

/** A `.git` file is one line with a path. */
const maxPointerBytes = 8192;

/** The reason of the first folder above `path` that is foreign. A walk never comes there; single files must be asked. */
export function foreignAbove(root: string, path: string): ForeignReason | undefined {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const folder = path.slice(0, at);
    const reason = isLink(join(root, folder)) ? 'notAFile' : foreignRepository(root, folder);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * A submodule belongs to the tree; another clone or a worktree that lies inside would show everything twice.
 * A submodule's `.git` is a file that points into `modules` (https://git-scm.com/docs/gitrepository-layout).
 */
export function foreignRepository(root: string, folder: string): 'versionControl' | undefined {
  const path = join(root, folder, '.git');
  try {
    if (lstatSync(path).isDirectory()) return 'versionControl';
    const text = readRegularFile(path, { maxBytes: maxPointerBytes }).toString();
    return /^gitdir:.*[/\\]modules[/\\]/.test(text) ? undefined : 'versionControl';
  } catch {
    return undefined;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
