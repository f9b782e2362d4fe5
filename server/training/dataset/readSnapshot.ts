/** Reads files as they are in one commit, the recently changed ones first more often than others. */

import type { Repository, TreeFile } from '../../git/repository.ts';
import { isHeldOutFile } from './splitHistory.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { shareOf } from './ownRandom.ts';
import type { TextFilter } from './textFilter.ts';

export interface SnapshotFile {
  readonly path: string;
  readonly text: string;
}

export interface ReadSnapshotProps {
  readonly repository: Repository;
  readonly filter: TextFilter;
  /** All files of the commit. */
  readonly tree: readonly TreeFile[];
  /** Factor on the chance of a file; 1 for those that are not named. */
  readonly chances: ReadonlyMap<string, number>;
  readonly seed: number;
  readonly settings: DatasetSettings;
  readonly onProgress: (nDone: number, nAll: number) => void;
  readonly signal: AbortSignal;
}

const batchSize = 32;
const maxBlobBytes = 400_000;
const minBlobBytes = 40;

/** Until the texts have `maxChars` together, where one text counts at most `maxCharsPerFile`. */
export async function readSnapshot(
  props: ReadSnapshotProps,
  { maxChars, maxCharsPerFile }: { readonly maxChars: number; readonly maxCharsPerFile: number },
): Promise<SnapshotFile[]> {
  const order = drawOrder(props);
  const files: SnapshotFile[] = [];
  let left = maxChars;
  for (let at = 0; at < order.length && left > 0; at += batchSize) {
    const batch = order.slice(at, at + batchSize);
    const blobs = await props.repository.readBlobs(
      batch.map((file) => file.blobId),
      props.signal,
    );
    for (const [i, { path }] of batch.entries()) {
      const text = await props.filter.read(path, blobs[i]);
      if (text === undefined || left <= 0) continue;
      files.push({ path, text });
      left -= Math.min(text.length, maxCharsPerFile);
    }
    props.onProgress(files.length, order.length);
  }
  return files;
}

/** Weighted sampling without replacement, algorithm A-ES of Efraimidis and Spirakis (Information Processing Letters 97, 2006). */
function drawOrder({ tree, filter, chances, seed, settings }: ReadSnapshotProps): TreeFile[] {
  return tree
    .filter(({ path, sizeBytes }) => {
      const isSized = sizeBytes >= minBlobBytes && sizeBytes <= maxBlobBytes;
      return isSized && filter.isReadable(path) && !isHeldOutFile(path, seed, settings);
    })
    .map((file) => ({
      file,
      key: shareOf(seed, `snapshot\n${file.path}`) ** (1 / (chances.get(file.path) ?? 1)),
    }))
    .sort((a, b) => b.key - a.key)
    .map(({ file }) => file);
}
