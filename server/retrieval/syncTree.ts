/**
 * Makes the live view equal to the working tree: walks it folder by folder, reads what changed, forgets what is gone.
 * Every batch is one transaction, so that a kill at any moment leaves a smaller but correct index; the next walk goes on.
 */

import { readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { foreignRepository } from './foreignFolder.ts';
import { grammarsOf, indexFile } from './indexFile.ts';
import type { TreeContext } from './indexFile.ts';
import { joinPath, liveView } from './indexWriter.ts';
import type { Entry, NamedEntry } from './indexWriter.ts';

export interface SyncProgress {
  nFiles: number;
  nChangedFiles: number;
  /** Folders and files that could not be read. */
  nUnreadable: number;
  /** Where the walk is. */
  folder: string;
}

export interface SyncOptions {
  /** Relative to the root; empty: all of it. */
  readonly folder?: string;
  readonly onProgress?: (progress: Readonly<SyncProgress>) => void;
}

/** Files a transaction covers at most: short enough that a query never finds the file locked for long. */
const batchFiles = 32;
const progressEveryMs = 200;

/** @throws the signal's reason when aborted, SQLite's error when the disk is full; what was done so far stays. */
export async function syncTree(
  context: TreeContext,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncProgress> {
  const start = options.folder ?? '';
  const progress: SyncProgress = { nFiles: 0, nChangedFiles: 0, nUnreadable: 0, folder: start };
  const visited = new Set<string>();
  const waiting = [start];
  let toldAtMs = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    progress.folder = folder;
    visited.add(folder);
    waiting.push(...(await syncFolder(context, folder, progress, signal)));
    if (context.nowMs() - toldAtMs > progressEveryMs) {
      toldAtMs = context.nowMs();
      options.onProgress?.(progress);
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  forgetFolders(context, start, visited);
  options.onProgress?.(progress);
  return progress;
}

/** Folders below that are to be walked too. */
async function syncFolder(
  context: TreeContext,
  folder: string,
  progress: SyncProgress,
  signal: AbortSignal,
): Promise<string[]> {
  const known = new Map(context.writer.entriesIn(liveView, folder).map((entry) => [entry.name, entry]));
  const listing = list(context, folder);
  if (listing === undefined) {
    progress.nUnreadable++;
    context.writer.setEntry(liveView, `${folder}/`, left('unreadable'));
    return [];
  }
  const { files, folders, broken } = listing;
  await context.syntax?.prepare(grammarsOf(files));
  for (let i = 0; i < files.length; i += batchFiles) {
    signal.throwIfAborted();
    const batch = files.slice(i, i + batchFiles);
    context.writer.db.transaction(() => indexBatch(context, folder, batch, known, progress));
    if (files.length > batchFiles) await setImmediate();
  }
  const present = new Set([...files, ...broken]);
  const deeper: string[] = [];
  context.writer.db.transaction(() => {
    for (const name of broken) noteLeftOut(context, joinPath(folder, name), known.get(name), 'unreadable');
    progress.nUnreadable += broken.length;
    for (const name of folders) {
      const path = joinPath(folder, name);
      const verdict = context.rules.explainFolder(path);
      const reason = verdict.isIgnored
        ? (verdict.reason ?? 'setting')
        : foreignRepository(context.root, path);
      if (reason === undefined) {
        deeper.push(path);
        continue;
      }
      present.add(`${name}/`);
      if (name !== '.git') noteLeftOut(context, `${path}/`, known.get(`${name}/`), reason);
    }
    forgetNames(context, folder, known, present);
  });
  return deeper;
}

function indexBatch(
  context: TreeContext,
  folder: string,
  names: readonly string[],
  known: ReadonlyMap<string, NamedEntry>,
  progress: SyncProgress,
): void {
  for (const name of names) {
    progress.nFiles++;
    if (indexFile(context, joinPath(folder, name), known.get(name))) progress.nChangedFiles++;
  }
}

interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Names that are no UTF-8; with the broken parts replaced. */
  readonly broken: readonly string[];
}

/** Undefined when the folder can't be read. Symbolic links are files here, and indexFile leaves them out: no loops. */
function list(context: TreeContext, folder: string): Listing | undefined {
  let found: Dirent<Buffer>[];
  try {
    found = readdirSync(join(context.root, folder), { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return undefined;
  }
  const files: string[] = [];
  const folders: string[] = [];
  const broken: string[] = [];
  for (const entry of found) {
    const name = entry.name.toString('utf8');
    if (!Buffer.from(name).equals(entry.name)) broken.push(name);
    else if (entry.isDirectory()) folders.push(name);
    else files.push(name);
  }
  return { files, folders, broken };
}

function noteLeftOut(
  context: TreeContext,
  path: string,
  known: Entry | undefined,
  reason: NonNullable<Entry['reason']>,
): void {
  if (known?.reason !== reason || known.contentId !== null)
    context.writer.setEntry(liveView, path, left(reason));
}

function left(reason: NonNullable<Entry['reason']>): Entry {
  return { contentId: null, sizeBytes: 0, mtimeMs: 0, reason };
}

function forgetNames(
  context: TreeContext,
  folder: string,
  known: ReadonlyMap<string, NamedEntry>,
  present: ReadonlySet<string>,
): void {
  for (const name of known.keys()) {
    if (!present.has(name)) context.writer.removeEntry(liveView, joinPath(folder, name));
  }
}

function forgetFolders(context: TreeContext, start: string, visited: ReadonlySet<string>): void {
  const { writer } = context;
  writer.db.transaction(() => {
    for (const folder of writer.folders(liveView)) {
      const isBelow = start === '' || folder === start || folder.startsWith(`${start}/`);
      if (isBelow && !visited.has(folder)) writer.removeFolder(liveView, folder);
    }
  });
}
