/** Where a repository keeps its objects, and how git is asked about them by id alone. */

import { emptyRepository } from './emptyRepository.ts';
import type { ObjectFormat } from './emptyRepository.ts';
import { runGit, streamGit } from './runGit.ts';
import type { GitArguments, GitOptions } from './runGit.ts';

export interface ObjectPlace {
  /** Top folder of the working tree. */
  readonly root: string;
  readonly objects: string;
  /** File that lists where a shallow clone's history is cut; it need not be there. */
  readonly shallow: string;
  readonly format: ObjectFormat;
}

type Options = Omit<GitOptions, 'cwd' | 'environment' | 'withUserSettings'>;

/**
 * As `runGit`; the repository's configuration and the user's are not seen, nor its working tree: a `.gitattributes` of
 * today says nothing about the past, and may be a pipe. Names of commits are not known.
 */
export function askObjects(place: ObjectPlace, args: GitArguments, options: Options = {}): Promise<Buffer> {
  return runGit(args, { ...options, cwd: emptyRepository(place.format), environment: environmentOf(place) });
}

/** As `streamGit`, in the same way. */
export function streamObjects(
  place: ObjectPlace,
  args: GitArguments,
  options: Options,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  const where = { cwd: emptyRepository(place.format), environment: environmentOf(place) };
  return streamGit(args, { ...options, ...where }, onChunk);
}

function environmentOf({ objects, shallow, format }: ObjectPlace): Record<string, string> {
  const folder = emptyRepository(format);
  return {
    GIT_DIR: folder,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_SHALLOW_FILE: shallow,
    // Before git 2.32 this is how the user's settings are kept out.
    HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
}
