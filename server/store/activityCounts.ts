/** The table of what was counted by the quarter of an hour, never with text or place: characters typed, requests without an answer. */

import type { Database } from './database.ts';
import { linkedIds } from './repositoryKeys.ts';

/** `typedChars`, or `none:` with the reason why a request brought no suggestion. */
export type ActivityKind = 'typedChars' | `none:${string}`;

export const activitySpanMs = 900_000;

export interface ActivityCountsTable {
  /** Adds to what the quarter of an hour that `atMs` lies in has already. */
  add(repoId: string, atMs: number, kind: ActivityKind, count: number): void;
  /** Sums by kind of the spans that begin with `sinceMs <= atMs < beforeMs`. */
  sums(repoId: string, sinceMs: number, beforeMs: number): ReadonlyMap<ActivityKind, number>;
  /** Of one repository or all; bounds as above, absent ones do not bound. */
  delete(filter: { readonly repoId?: string; readonly sinceMs?: number; readonly beforeMs?: number }): void;
}

export function activityCountsTable(db: Database): ActivityCountsTable {
  return {
    add: (repoId, atMs, kind, count) =>
      void db.run(
        `INSERT INTO activityCounts (repoId, atMs, kind, count) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET count = count + excluded.count`,
        repoId,
        Math.floor(atMs / activitySpanMs) * activitySpanMs,
        kind,
        count,
      ),
    sums: (repoId, sinceMs, beforeMs) =>
      new Map(
        db
          .all(
            `SELECT kind, sum(count) AS n FROM activityCounts
             WHERE repoId IN ${linkedIds} AND atMs >= ? AND atMs < ? GROUP BY kind`,
            ...[repoId, repoId, Math.round(sinceMs), Math.round(beforeMs)],
          )
          .map((row) => [row['kind'] as ActivityKind, Number(row['n'])]),
      ),
    delete: ({ repoId, sinceMs = 0, beforeMs = Number.MAX_SAFE_INTEGER }) =>
      void db.run(
        'DELETE FROM activityCounts WHERE repoId = coalesce(?, repoId) AND atMs >= ? AND atMs < ?',
        ...[repoId ?? null, Math.floor(sinceMs / activitySpanMs) * activitySpanMs, Math.round(beforeMs)],
      ),
  };
}
