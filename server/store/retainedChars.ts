/** How many accepted characters of each shown suggestion are still there, as a series over time. Reads no code text. */

import type { Database } from './database.ts';

export interface RetainedFilter {
  readonly repoId: string;
  /** Digest of an adapter, or `base`. */
  readonly adapter: string;
  readonly sinceMs: number;
  /** Not included. */
  readonly beforeMs: number;
}

/**
 * One number for each suggestion that was shown and has ended, oldest first: 0 when nothing of it was accepted.
 * Accepted ones of which no survival is known (yet) are left out. Of many, the newest `limit`.
 */
export function listRetainedChars(db: Database, filter: RetainedFilter, limit: number): number[] {
  return db
    .all(
      `SELECT chars * similarity AS retained FROM (
         SELECT s.atMs, o.acceptedChars AS chars, CASE WHEN o.acceptedChars = 0 THEN 0 ELSE (
           SELECT v.similarity FROM survivals v
           WHERE v.suggestionId = s.id AND v.similarity IS NOT NULL ORDER BY v.afterS DESC LIMIT 1) END AS similarity
         FROM suggestions s JOIN outcomes o ON o.suggestionId = s.id
         WHERE s.repoId = ? AND s.adapter = ? AND s.atMs >= ? AND s.atMs < ?
           AND o.shownAtMs IS NOT NULL AND o.endedAtMs IS NOT NULL)
       WHERE similarity IS NOT NULL ORDER BY atMs DESC LIMIT ?`,
      ...[filter.repoId, filter.adapter, Math.round(filter.sinceMs), Math.round(filter.beforeMs), limit],
    )
    .map((row) => Number(row['retained']))
    .reverse();
}
