/** Keeps files and rows of adapter versions in step, and frees the space of those that nobody can need any more. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../base/errors.ts';
import type { AdapterRegistry } from './adapterRegistry.ts';
import { readAdapter } from './adapterStore.ts';

export interface Reconciled {
  /** Versions whose folder was there and whose row was not: a process ended between the two. They are known now. */
  readonly adopted: readonly string[];
  /** Versions whose files are gone. */
  readonly missing: readonly string[];
  /** Sentences on folders that are no version; they stay where they are. */
  readonly broken: readonly string[];
}

/** At start. Never deletes but what was already given up when a process ended. */
export function reconcile(registry: AdapterRegistry): Reconciled {
  const { ground, adaptersFolder } = registry;
  const adopted: string[] = [];
  const broken: string[] = [];
  const folders = new Set(digestFolders(adaptersFolder));
  for (const name of folders) {
    const version = ground.adapterVersions.get(name);
    if (version?.collectedAtMs !== undefined) removeFolder(join(adaptersFolder, name));
    if (version !== undefined) continue;
    try {
      const adapter = readAdapter(join(adaptersFolder, name));
      if (adapter.digest !== name) throw new Error(`The lineage in ${adapter.folder} names another digest.`);
      const why =
        'Its files were found at start; the process that made it had ended before it was written down.';
      registry.add(adapter, { who: 'policy', why });
      adopted.push(name);
    } catch (error) {
      broken.push(describeError(error));
    }
  }
  const missing = ground.adapterVersions
    .all()
    .filter((version) => version.collectedAtMs === undefined && !folders.has(version.digest))
    .map((version) => version.digest);
  return { adopted, missing, broken };
}

export interface CollectOptions {
  /** What the log names within this time is kept. */
  readonly retentionMs: number;
  /** Of each repository and base model, so many of the newest are kept. */
  readonly keepNewest: number;
}

/**
 * Deletes the files of versions that no alias, no entry of the log within retention and no place among the newest
 * protects. Rows and reports stay. A forgotten version without an alias goes whatever else names it: what it learned is
 * not wanted any more.
 * @returns digests.
 */
export function collectGarbage(registry: AdapterRegistry, options: CollectOptions): string[] {
  const { ground, adaptersFolder, clock } = registry;
  const nowMs = clock.nowMs();
  const aliased = new Set(ground.adapterAliases.all().map((alias) => alias.digest));
  const named = new Set(ground.auditEntries.digestsSince(nowMs - options.retentionMs));
  const nSeen = new Map<string, number>();
  const collected: string[] = [];
  for (const version of ground.adapterVersions.all()) {
    if (version.collectedAtMs !== undefined) continue;
    const { digest, repoId, baseDigest, forgottenWhy } = version;
    const key = `${repoId} ${baseDigest}`;
    const place = nSeen.get(key) ?? 0;
    if (forgottenWhy === undefined) nSeen.set(key, place + 1);
    const isNeeded = forgottenWhy === undefined && (named.has(digest) || place < options.keepNewest);
    if (aliased.has(digest) || isNeeded) continue;
    // The row first: were the process to end here, the next start finishes it.
    ground.db.transaction(() => {
      ground.adapterVersions.markCollected(digest, nowMs);
      const why = forgottenWhy === undefined ? 'No alias and nothing recent needs its files.' : forgottenWhy;
      registry.record({ repoId, who: 'policy', what: 'collected', digest, why });
    });
    removeFolder(join(adaptersFolder, digest));
    collected.push(digest);
  }
  return collected;
}

/** A file that is open keeps its folder on Windows; the next start tries again. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // See above.
  }
}

function digestFolders(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];
}
