/** What a repository or a folder can be known again by, when its remote, its commits or its place have changed. */

import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { digestOf } from '../base/digest.ts';
import { folderId, idOf } from './repository.ts';
import type { Repository } from './repository.ts';

export interface Sighting {
  /** From root commit and remote, or from the path where there is no commit. */
  readonly computedId: string;
  readonly isPathBased: boolean;
  /** From the path alone. */
  readonly pathId: string;
  /** The git folder that a repository's worktrees share; it stays the same when it is moved, and a new clone has another. */
  readonly gitKey: string | undefined;
  /** The top folder. */
  readonly folderKey: string | undefined;
  /** Digest of the remote's address. */
  readonly remote: string | undefined;
  /** What `computedId` may have been before. */
  readonly earlierIds: readonly string[];
  /** All URIs of files in it begin so. */
  readonly uriPrefix: string;
}

export async function sightRepository(repository: Repository): Promise<Sighting> {
  const { root, repoId, commonDir, remote, rootCommit } = repository;
  const earlier =
    rootCommit === undefined
      ? []
      : [folderId(root), idOf(rootCommit, undefined)].filter((id) => id !== repoId);
  return {
    computedId: repoId,
    isPathBased: rootCommit === undefined,
    pathId: folderId(root),
    gitKey: await placeKey('git', commonDir),
    folderKey: await placeKey('folder', root),
    remote: remote === undefined ? undefined : digestOf(remote).slice(0, 16),
    earlierIds: earlier,
    uriPrefix: uriPrefix(root),
  };
}

/** Of a folder that is in no repository. */
export async function sightFolder(root: string): Promise<Sighting> {
  return {
    computedId: folderId(root),
    isPathBased: true,
    pathId: folderId(root),
    gitKey: undefined,
    folderKey: await placeKey('folder', root),
    remote: undefined,
    earlierIds: [],
    uriPrefix: uriPrefix(root),
  };
}

function uriPrefix(root: string): string {
  return `${pathToFileURL(root).href}/`;
}

/**
 * A folder's number and when it was made: both stay when it is moved or renamed within a file system, and one that is
 * deleted and made again has another time even where the number is used again. Where the system does not tell the time,
 * the path stands in for it. The device does not count: its number changes between boots.
 */
async function placeKey(kind: string, path: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeMs } = await stat(path, { bigint: true });
    return `${kind}:${ino}:${birthtimeMs > 0n ? birthtimeMs : digestOf(path).slice(0, 16)}`;
  } catch {
    return undefined;
  }
}
