/** What an index holds, in numbers for people: `idiom index`, the status bar. */

import { statSync } from 'node:fs';
import type { Database } from '../store/database.ts';
import { liveView } from './indexWriter.ts';

export interface IndexStatus {
  readonly nFiles: number;
  readonly nLines: number;
  readonly nChunks: number;
  readonly nSymbols: number;
  /** Files and folders that were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly sourceBytes: number;
  readonly indexBytes: number;
  /** End of the last whole walk, milliseconds since 1970; undefined while the first one is not done. */
  readonly completeAtMs?: number | undefined;
}

export function indexStatus(db: Database): IndexStatus {
  const totals = db.get<Record<'nFiles' | 'sourceBytes', number>>(
    `SELECT count(*) AS nFiles, coalesce(sum(sizeBytes), 0) AS sourceBytes FROM entries
     WHERE view = ? AND contentId IS NOT NULL`,
    liveView,
  );
  const lines = db.get<{ n: number }>(
    `SELECT coalesce(sum(c.nLines), 0) AS n FROM entries e JOIN contents c ON c.id = e.contentId WHERE e.view = ?`,
    liveView,
  );
  const skipped = db.all<{ reason: string; n: number }>(
    'SELECT reason, count(*) AS n FROM entries WHERE view = ? AND reason IS NOT NULL GROUP BY reason',
    liveView,
  );
  const live = db.get<{ isComplete: number; usedAtMs: number }>(
    'SELECT isComplete, usedAtMs FROM views WHERE id = ?',
    liveView,
  );
  return {
    nFiles: totals?.nFiles ?? 0,
    nLines: lines?.n ?? 0,
    nChunks: countOf(db, 'chunks'),
    nSymbols: countOf(db, 'symbols'),
    skipped: Object.fromEntries(skipped.map(({ reason, n }) => [reason, n])),
    sourceBytes: totals?.sourceBytes ?? 0,
    indexBytes: sizeOf(db.path) + sizeOf(`${db.path}-wal`),
    completeAtMs: live?.isComplete === 1 ? live.usedAtMs : undefined,
  };
}

function countOf(db: Database, table: 'chunks' | 'symbols'): number {
  return db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
