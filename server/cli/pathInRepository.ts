/** Where a file that a command was told lies in the repository. */

import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * Taken from the current folder, as a shell completes names, or else from the root; a name that leads there through
 * symbolic links counts too.
 * @returns relative to the root with forward slashes, or undefined for a file outside of it, and for the root itself.
 */
export function pathInRepository(root: string, named: string): string | undefined {
  const here = resolve(named);
  const paths = [here, throughLinks(here), resolve(root, named)].map((each) => pathIn(root, each));
  return paths.find((path) => !isOutside(path));
}

/** The name itself stays: what is asked about is the link, not what it points to. */
function throughLinks(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** On Windows absolute for another drive. */
function pathIn(root: string, absolute: string): string {
  return relative(root, absolute).split(sep).join('/');
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path === '' || path === '..' || path.startsWith('../');
}
