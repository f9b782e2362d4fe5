/** Says in sentences that contents of a repository's history are not on this machine, and what brings them. */

import type { Repository } from './repository.ts';

/**
 * What is wrong, and what to do; undefined where nothing is missing.
 * `--no-filter` overrides the filter that a partial clone remembers. Source: git-fetch(1), git-clone(1).
 */
export async function describeMissing(
  repository: Pick<Repository, 'isPartial'>,
  nCommits: number,
): Promise<{ readonly problem: string; readonly remedy: string } | undefined> {
  if (nCommits === 0) return undefined;
  const commits = nCommits === 1 ? '1 commit' : `${nCommits} commits`;
  return (await repository.isPartial())
    ? {
        problem: `The contents of ${commits} are not on this machine, because the clone is partial.`,
        remedy: '`git fetch --refetch --no-filter` gets them.',
      }
    : {
        problem: `The contents of ${commits} are missing from the repository.`,
        remedy: '`git fsck` says what is wrong.',
      };
}
