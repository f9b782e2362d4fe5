/** Where the lines of a snippet come from: unsaved buffers, the disk, or git for an old commit. */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../base/readRegularFile.ts';
import type { Repository } from '../git/repository.ts';
import { maxFileBytes } from './contentRules.ts';
import type { IndexReader } from './indexReader.ts';
import { blobDigest, linesOf } from './readContent.ts';

/** Lines of a file exactly as they were indexed; undefined when it has changed since, so that line numbers would lie. */
export interface TextSource {
  /** Called with all paths that may be asked for next. */
  prepare(paths: readonly string[], signal: AbortSignal): Promise<void>;
  lines(path: string): readonly string[] | undefined;
}

const maxKeptFiles = 100;

export interface Kept {
  readonly stamp: string;
  readonly lines: readonly string[];
}

export function createDiskSource(root: string, reader: IndexReader): TextSource {
  const kept = new Map<string, Kept>();
  function read(path: string): Kept | undefined {
    const absolute = join(root, path);
    const file = reader.file(path);
    if (file === undefined) return undefined;
    const stats = lstatSync(absolute);
    const stamp = `${stats.size} ${stats.mtimeMs} ${file.blobId}`;
    const known = kept.get(path);
    if (known?.stamp === stamp) return known;
    const bytes = readRegularFile(absolute, { maxBytes: maxFileBytes });
    const isSame = stats.size === file.sizeBytes && stats.mtimeMs === file.mtimeMs;
    if (!isSame && blobDigest(bytes).toString('hex') !== file.blobId) return undefined;
    return keep(kept, path, { stamp, lines: linesOf(bytes.toString('utf8')) });
  }
  return {
    prepare: () => Promise.resolve(),
    lines(path) {
      try {
        return read(path)?.lines;
      } catch {
        return undefined;
      }
    },
  };
}

/** Reads blobs in one batch a query and keeps the latest. @param kept by blob id; may be shared by the views of commits. */
export function createGitSource(
  repository: Repository,
  reader: IndexReader,
  kept = new Map<string, Kept>(),
): TextSource {
  const blobOf = (path: string) => reader.file(path)?.blobId;
  return {
    async prepare(paths, signal) {
      const missing = paths.flatMap((path) => {
        const blobId = blobOf(path);
        return blobId === undefined || kept.has(blobId) ? [] : [blobId];
      });
      const blobs = await repository.readBlobs(missing, signal);
      for (const [i, blobId] of missing.entries()) {
        const text = blobs[i]?.toString('utf8');
        if (text !== undefined) keep(kept, blobId, { stamp: blobId, lines: linesOf(text) });
      }
    },
    lines(path) {
      const blobId = blobOf(path);
      return blobId === undefined ? undefined : kept.get(blobId)?.lines;
    },
  };
}

function keep(kept: Map<string, Kept>, key: string, value: Kept): Kept {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > maxKeptFiles) kept.delete(kept.keys().next().value as string);
  return value;
}
