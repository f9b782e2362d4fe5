/** Which adapter file serves the next request: the champion, or what stands in for it when its files are damaged. */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fileStamp } from '../base/fileStamp.ts';
import type { AdapterRegistryProps, RegistryKey } from './adapterRegistry.ts';
import { ggufName } from './adapterStore.ts';

/** As the engine takes it. */
export interface ServedFile {
  readonly digest: string;
  readonly path: string;
}

export interface Serving {
  /** Digest of a version, "task" or "base". */
  readonly name: string;
  /** Undefined: the base model alone. */
  readonly file: ServedFile | undefined;
  /** Why it is not the champion, when it is not. Full sentences for a person. */
  readonly notice?: string;
}

export interface AdapterServer {
  /** Asked at each request: two look-ups, and a digest only when a file is new or was touched. Never throws for damaged files. */
  serving(key: RegistryKey): Serving;
  /** The canary's file; undefined when there is none or its files are damaged. */
  canary(key: RegistryKey): ServedFile | undefined;
  /** The file of a version, "task" or "base" (undefined), digest checked; 'damaged' when it may not be used. */
  fileOf(key: RegistryKey, name: string): ServedFile | undefined | 'damaged';
}

export function createAdapterServer(
  props: Pick<AdapterRegistryProps, 'ground' | 'adaptersFolder' | 'taskAdapterOf'>,
  verify: (path: string, digest: string) => boolean = createVerifier(),
): AdapterServer {
  const { ground, adaptersFolder, taskAdapterOf } = props;
  function versionFile(digest: string): ServedFile | undefined {
    const path = join(adaptersFolder, digest, ggufName);
    return verify(path, digest) ? { digest, path } : undefined;
  }
  function taskFile(baseDigest: string): ServedFile | undefined {
    const task = taskAdapterOf(baseDigest);
    return task !== undefined && verify(task.ggufPath, task.digest)
      ? { digest: task.digest, path: task.ggufPath }
      : undefined;
  }
  function serving({ repoId, baseDigest }: RegistryKey): Serving {
    const { champion, previous } = ground.adapterAliases.of(repoId, baseDigest);
    const damaged: string[] = [];
    for (const digest of [champion, previous]) {
      // Without a champion nobody falls back to what was there before it.
      if (champion === undefined || digest === undefined) continue;
      if (ground.adapterVersions.get(digest)?.forgottenWhy !== undefined) continue;
      const file = versionFile(digest);
      if (file !== undefined) return { name: digest, file, ...noticeOf(damaged, digest.slice(0, 12)) };
      damaged.push(digest);
    }
    const file = taskFile(baseDigest);
    if (file === undefined && taskAdapterOf(baseDigest) !== undefined) damaged.push('task');
    const name = file === undefined ? 'base' : 'task';
    return { name, file, ...noticeOf(damaged, name) };
  }
  function fileOf({ baseDigest }: RegistryKey, name: string): ServedFile | undefined | 'damaged' {
    if (name === 'base') return undefined;
    return (name === 'task' ? taskFile(baseDigest) : versionFile(name)) ?? 'damaged';
  }
  function canary({ repoId, baseDigest }: RegistryKey): ServedFile | undefined {
    const digest = ground.adapterAliases.of(repoId, baseDigest).canary;
    return digest === undefined ? undefined : versionFile(digest);
  }
  return { serving, canary, fileOf };
}

function noticeOf(damaged: readonly string[], serves: string): { notice?: string } {
  if (damaged.length === 0) return {};
  const what = damaged.map((name) => (name === 'task' ? 'the task adapter' : name.slice(0, 12)));
  const serving = { task: 'the task adapter', base: 'the base model alone' }[serves] ?? serves;
  return {
    notice: `The files of ${what.join(' and of ')} are missing or were changed, so ${serving} is used instead.`,
  };
}

/**
 * Whether a file has its digest, looked up by size and time of change: a digest is computed once in a process, and again
 * when the file was touched. 7 MB take some 10 ms.
 */
export function createVerifier(): (path: string, digest: string) => boolean {
  const known = new Map<string, { readonly stamp: string; readonly isSound: boolean }>();
  return (path, digest) => {
    const file = fileStamp(path);
    if (file === undefined) return false;
    const stamp = `${digest} ${file}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.isSound;
    const isSound = digestNow(path) === digest;
    known.set(path, { stamp, isSound });
    return isSound;
  };
}

const pieceBytes = 2 ** 20;

/** Undefined when it can't be read. */
function digestNow(path: string): string | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const hash = createHash('sha256');
      const piece = Buffer.alloc(pieceBytes);
      for (let n = readSync(fd, piece); n > 0; n = readSync(fd, piece)) hash.update(piece.subarray(0, n));
      return hash.digest('hex');
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
