/** Indexes a working tree in this process and ends: for the command line and the bench. The daemon uses a child instead. */

import { isAbort } from '../base/errors.ts';
import { explainDatabaseError } from '../store/database.ts';
import { openIgnoreRules } from './ignoreRules.ts';
import { openIndex } from './indexSchema.ts';
import { indexStatus } from './indexStatus.ts';
import type { IndexStatus } from './indexStatus.ts';
import { createIndexWriter } from './indexWriter.ts';
import { syncTree } from './syncTree.ts';
import type { SyncProgress } from './syncTree.ts';
import { createSyntaxReader } from './syntax.ts';
import { tidyIndex } from './tidyIndex.ts';

export interface IndexOnceOptions {
  readonly root: string;
  readonly indexPath: string;
  readonly settingGlobs: readonly string[];
  readonly grammarFolder?: string;
  nowMs(): number;
  onProgress(progress: Readonly<SyncProgress>): void;
  readonly signal: AbortSignal;
}

/**
 * @throws the signal's reason when aborted; IdiomError `diskFull`, `notPermitted` or `storeUnusable` when the index can't
 *   be written. What was done so far stays.
 */
export async function indexOnce(options: IndexOnceOptions): Promise<IndexStatus> {
  const { root, indexPath, settingGlobs, onProgress, signal } = options;
  const { db } = openIndex(indexPath);
  try {
    const writer = createIndexWriter(db);
    const context = {
      root,
      writer,
      rules: await openIgnoreRules({ root, settingGlobs }),
      syntax: await createSyntaxReader(options.grammarFolder).catch(() => undefined),
      nowMs: () => options.nowMs(),
    };
    const { nChangedFiles } = await syncTree(context, { onProgress }, signal);
    tidyIndex(writer, nChangedFiles, options.nowMs());
    return indexStatus(db);
  } catch (error) {
    throw isAbort(error) ? error : explainDatabaseError(error, indexPath);
  } finally {
    db.dispose();
  }
}
