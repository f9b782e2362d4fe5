/** Where a file that a command was told lies in the repository. */

import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { realPath } from '../base/realPath.ts';

/**
 * Taken from the current folder, as a shell completes names, or else from the root; a name that leads there through
 * symbolic links counts too.
 * @returns relative to the root with forward slashes, or undefined for a file outside of it, and for the root itself.
 */
export function pathInRepository(root: string, named: string): string | undefined {
  const here = resolve(named);
  const paths = [here, throughLinks(root, here), resolve(root, named)].map((each) => pathIn(root, each));
  return paths.find((path) => !isOutside(path));
}

/** With the real root, where a folder above the file is the root under any name; links within the tree stay as they are. */
function throughLinks(root: string, path: string): string {
  return below(root, path) ?? join(realPath(dirname(path)), basename(path));
}

function below(root: string, path: string): string | undefined {
  const above = dirname(path);
  const outer = above === path ? undefined : below(root, above);
  if (outer !== undefined) return join(outer, basename(path));
  return realPath(path) === root ? root : undefined;
}

/** On Windows absolute for another drive. */
function pathIn(root: string, absolute: string): string {
  return relative(root, absolute).split(sep).join('/');
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path === '' || path === '..' || path.startsWith('../');
}
