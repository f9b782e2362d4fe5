/** Which adapter versions came from which. Pure. */

import type { StoredVersion } from '../store/adapterVersions.ts';

/**
 * Those that `isOwn` holds of and all that were trained on from one of them, in the order of `versions`: newest first.
 */
export function withDescendants(
  versions: readonly StoredVersion[],
  isOwn: (version: StoredVersion) => boolean,
): StoredVersion[] {
  const found = new Set<string>();
  // Oldest first, so that a parent comes before its children; equal times are settled by a second round.
  for (let round = 0; round < 2; round++) {
    for (const version of [...versions].reverse()) {
      const { parentDigest } = lineageOf(version);
      if (isOwn(version) || (parentDigest !== undefined && found.has(parentDigest)))
        found.add(version.digest);
    }
  }
  return versions.filter((version) => found.has(version.digest));
}

/** Empty when it cannot be read. */
export function lineageOf(version: StoredVersion): { datasetDigest?: string; parentDigest?: string } {
  try {
    return JSON.parse(version.lineage) as { datasetDigest?: string; parentDigest?: string };
  } catch {
    return {};
  }
}
