/** Deletes the files of datasets that are not wanted any more, and of the adapters that learned from them. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { mergedFolder, removeMergedCopies } from '../llama/mergedCopies.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';
import { collectGarbage } from '../registry/tidyAdapters.ts';
import { digestNames } from './findForgotten.ts';
import { datasetsFolder } from './trainRepository.ts';

export interface RemoveLearnedProps {
  readonly registry: AdapterRegistry;
  /** Ground state, with `datasets/`; derived state, with `trainings/`. */
  readonly folders: { readonly data: string; readonly cache: string };
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Half-written datasets that nobody finishes any more. */
const abandonedAfterMs = 3_600_000;

/** Done again, it finishes what was cut short: files of marked versions go whoever marked them. */
export function removeLearned(
  { registry, folders, clock }: RemoveLearnedProps,
  found: { readonly datasets: readonly string[]; readonly adapters: readonly string[] },
): void {
  const datasets = datasetsFolder(folders.data);
  const whole = new Set(digestNames(datasets));
  for (const digest of found.datasets) removeFolder(join(datasets, digest));
  for (const name of existsSync(datasets) ? readdirSync(datasets) : []) {
    const path = join(datasets, name);
    const isAbandoned = !whole.has(name) && clock.nowMs() - statSync(path).mtimeMs > abandonedAfterMs;
    if (isAbandoned) removeFolder(path);
  }
  if (found.datasets.length > 0) removeCheckpoints(join(folders.cache, 'trainings'), clock.nowMs());
  removeMergedCopies(mergedFolder(folders.cache), found.adapters);
  collectGarbage(registry, { retentionMs: Number.MAX_SAFE_INTEGER, keepNewest: Number.MAX_SAFE_INTEGER });
}

/** A training that runs writes its checkpoint more often than this; of its own repository, the loop ends it. */
const restingMs = 900_000;

/** They hold what was learned until the training was ended or killed; deleting one loses time and nothing else. */
function removeCheckpoints(trainings: string, nowMs: number): void {
  for (const name of existsSync(trainings) ? readdirSync(trainings) : []) {
    const path = join(trainings, name);
    const stat = statSync(path);
    const inner = stat.isDirectory()
      ? readdirSync(path).map((each) => statSync(join(path, each)).mtimeMs)
      : [];
    if (nowMs - Math.max(stat.mtimeMs, ...inner) > restingMs) removeFolder(path);
  }
}

/** A file that is open stays on Windows; what is left is found the next time something is forgotten. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // See above.
  }
}
