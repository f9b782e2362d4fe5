/** What is to be done after a whole walk: unused contents go, the index is compacted, and the view counts as complete. */

import { liveView } from './indexWriter.ts';
import type { IndexWriter } from './indexWriter.ts';

const removePerStep = 100;
/** A walk that stored this many files leaves an index worth compacting. */
const compactFromFiles = 200;

export function tidyIndex(writer: IndexWriter, nChangedFiles: number, nowMs: number): void {
  const { db } = writer;
  let nRemoved = 0;
  for (let n = removePerStep; n === removePerStep;) {
    n = db.transaction(() => writer.removeUnused(removePerStep));
    nRemoved += n;
  }
  db.run('UPDATE views SET isComplete = 1, usedAtMs = ? WHERE id = ?', nowMs, liveView);
  if (nChangedFiles + nRemoved < compactFromFiles) return;
  // https://www.sqlite.org/fts5.html#the_optimize_command, then the pages that it freed go back to the disk.
  db.exec("INSERT INTO chunkTerms (chunkTerms) VALUES ('optimize')");
  db.exec('PRAGMA incremental_vacuum');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
