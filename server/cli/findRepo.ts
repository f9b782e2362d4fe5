/** The repository that a command is about, under the id that its records stand under. */

import { basename } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { openRepository, tryRepository } from '../git/repository.ts';
import type { Repository } from '../git/repository.ts';
import { sightFolder, sightRepository } from '../git/sighting.ts';
import type { Sighting } from '../git/sighting.ts';
import { identify } from '../registry/identifyRepository.ts';
import { openGroundBriefly } from '../store/ground.ts';
import type { CliRepo } from './cliContext.ts';

export interface FoundRepo extends CliRepo {
  /** False where there is no record yet, or none that can be used. */
  readonly isRemembered: boolean;
}

/** A folder without git, or whose repository can't be used, counts by itself. Whoever runs a command in a folder trusts it. */
export async function findRepo(
  folder: string,
  groundPath: string,
  clock: Pick<Clock, 'nowMs'>,
): Promise<FoundRepo> {
  const { repository: found, refusal } = await tryRepository(folder);
  const sighting = await (found === undefined ? sightFolder(folder) : sightRepository(found));
  const repoId = look(sighting, groundPath, clock.nowMs());
  return {
    repoId: repoId ?? sighting.computedId,
    root: found?.root ?? folder,
    name: found?.name ?? basename(folder),
    isRemembered: repoId !== undefined,
    refusal,
  };
}

/** Undefined outside of git. */
export async function openKnown({ root, repoId }: CliRepo): Promise<Repository | undefined> {
  const repository = await openRepository(root);
  return repository && { ...repository, repoId };
}

function look(sighting: Sighting, groundPath: string, nowMs: number): string | undefined {
  const ground = openGroundBriefly(groundPath);
  try {
    return ground === undefined ? undefined : identify(ground, sighting, nowMs);
  } catch {
    return undefined;
  } finally {
    ground?.dispose();
  }
}
