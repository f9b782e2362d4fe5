/** Which repository this is: finds the id that its records stand under, whatever has changed since they were written. */

import { keyOfId } from '../store/repositoryKeys.ts';
import type { RepositoryKey } from '../store/repositoryKeys.ts';
import type { Ground } from '../store/ground.ts';
import type { Sighting } from '../git/sighting.ts';

type KeyGround = Pick<Ground, 'db' | 'repositoryKeys'>;

/** A sighting is written down anew after this time, so that most of them write nothing. */
const freshMs = 86_400_000;

/**
 * The id of a repository or folder that its user trusts, and remembers what it was known by. In this order:
 * the git folder itself, whatever became of its remotes and commits; the computed id, which clones have in common;
 * the top folder, where git came or went. Two ids that turn out to be one repository are linked.
 * @throws as the database does when it can't be written.
 */
export function identify(ground: KeyGround, sighting: Sighting, nowMs: number): string {
  const { repositoryKeys } = ground;
  const [known] = findKnown(ground, sighting).ids;
  const isFresh =
    known !== undefined &&
    keysOf(sighting).every((key) => isUpToDate(repositoryKeys.get(key), known, sighting, nowMs));
  return isFresh ? known : ground.db.transaction(() => remember(ground, sighting, nowMs));
}

/**
 * The id of one in an untrusted workspace, by its place on this machine alone: commits and remotes are the repository's
 * own claims, and another's adapter must not serve because of them. Undefined when the place is not known. Writes nothing.
 */
export function recognise(
  { repositoryKeys }: KeyGround,
  { gitKey, folderKey }: Sighting,
): string | undefined {
  const key = gitKey ?? folderKey;
  return key === undefined ? undefined : repositoryKeys.get(key)?.repoId;
}

function keysOf({ gitKey, folderKey, computedId }: Sighting): string[] {
  return [gitKey, folderKey, keyOfId(computedId)].filter((key) => key !== undefined);
}

function isUpToDate(
  row: RepositoryKey | undefined,
  repoId: string,
  sighting: Sighting,
  nowMs: number,
): boolean {
  return (
    row !== undefined &&
    row.repoId === repoId &&
    (row.key.startsWith('id:') || row.remote === sighting.remote) &&
    Math.abs(nowMs - row.seenAtMs) < freshMs
  );
}

interface Known {
  /** The surest first. */
  readonly ids: readonly string[];
  /** It was one with another repository and is not any more. */
  readonly isSplitOff: boolean;
}

function findKnown({ repositoryKeys: keys }: KeyGround, sighting: Sighting): Known {
  const { gitKey, folderKey, computedId, isPathBased, remote } = sighting;
  const hasGit = gitKey !== undefined;
  const git = hasGit ? keys.get(gitKey) : undefined;
  // A path is not what a repository is known by, as another may lie there now.
  const id = hasGit && isPathBased ? undefined : keys.get(keyOfId(computedId));
  const isSplit = git !== undefined && isSplitOff(keys.of(git.repoId), git, sighting, id);
  const own = isSplit ? undefined : git;
  const folder = folderKey === undefined ? undefined : keys.get(folderKey);
  // A clone of something else may have been put into the same folder.
  const isSameFolder = folder !== undefined && (!hasGit || !folder.hasGit || remote === undefined);
  const found = [own, id, own === undefined && id === undefined && isSameFolder ? folder : undefined];
  const ids = new Set(found.flatMap((each) => (each === undefined ? [] : [each.repoId])));
  return { ids: [...ids], isSplitOff: isSplit };
}

/**
 * Copies of a template share its root commit, and are one repository as long as none has a remote. The first that gets
 * one keeps what was recorded; this is another, which gets a remote of its own.
 */
function isSplitOff(
  all: readonly RepositoryKey[],
  git: RepositoryKey,
  { remote }: Sighting,
  id: RepositoryKey | undefined,
): boolean {
  if (remote === undefined || git.remote !== undefined || id?.repoId === git.repoId) return false;
  return all.some((each) => each.key !== git.key && each.key.startsWith('git:') && each.remote !== undefined);
}

function remember(ground: KeyGround, sighting: Sighting, nowMs: number): string {
  const { repositoryKeys: keys } = ground;
  const { ids: known, isSplitOff: isNew } = findKnown(ground, sighting);
  const isFirst = known.length === 0 && !isNew;
  const earlier = sighting.earlierIds.filter((id) => isFirst && isRecordedHere(ground, id, sighting));
  const repoId = mostLearned(ground, [...known, sighting.computedId, ...earlier]);
  for (const other of [...known, ...earlier]) if (other !== repoId) keys.link(other, repoId, nowMs);
  const row = { repoId, hasGit: sighting.gitKey !== undefined, seenAtMs: nowMs };
  for (const key of keysOf(sighting)) keys.put({ ...row, key, remote: sighting.remote });
  return repoId;
}

/** Before ids were remembered, what was recorded stands under the id of that time. */
function isRecordedHere({ db }: KeyGround, repoId: string, { uriPrefix }: Sighting): boolean {
  const sql = 'SELECT 1 FROM suggestions WHERE repoId = ? AND substr(uri, 1, length(?)) = ? LIMIT 1';
  return db.get(sql, repoId, uriPrefix, uriPrefix) !== undefined;
}

/** Of ids that stand for one repository, the one whose adapter serves; else with adapters; else the first. */
function mostLearned({ db }: KeyGround, ids: readonly string[]): string {
  const has = (sql: string) => ids.find((id) => db.get(sql, id) !== undefined);
  return (
    has('SELECT 1 FROM adapterAliases WHERE repoId = ? LIMIT 1') ??
    has('SELECT 1 FROM adapterVersions WHERE repoId = ? AND forgottenWhy IS NULL LIMIT 1') ??
    ids[0] ??
    ''
  );
}
