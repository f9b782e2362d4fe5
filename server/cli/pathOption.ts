/** What a path means that a person gave to an option: a file or folder, or a pattern where there is none of that name. */

import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { IdiomError } from '../base/errors.ts';

export type PathChoice =
  /** A file, or a folder with all that is in it. */
  | { readonly within: string }
  /** As SQLite's GLOB has it. */
  | { readonly pathGlob: string };

/**
 * As paths are recorded: relative to the repository, with forward slashes.
 * @throws IdiomError `wrongUse` when it is the repository itself or lies outside.
 */
export function toRecordedPath(given: string, root: string): string {
  const inner = isAbsolute(given) ? relative(root, given) : given;
  const parts = inner
    .split(sep)
    .join('/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..') && !isAbsolute(inner)) return parts.join('/');
  throw new IdiomError('wrongUse', `${given} is no file or folder inside ${root}.`, {
    remedy: 'Give a path relative to the repository; without --path, all of it is meant.',
  });
}

/**
 * A name that exists, on disk or in the record, means itself: brackets and stars are letters of many real names.
 * @param isRecorded whether the record has something of that file or folder.
 * @throws IdiomError as toRecordedPath.
 */
export function choosePath(given: string, root: string, isRecorded: (path: string) => boolean): PathChoice {
  const path = toRecordedPath(given, root);
  const isName = !/[*?[]/.test(path) || isRecorded(path) || existsSync(join(root, path));
  return isName ? { within: path } : { pathGlob: path };
}
