/** Sums of what became of suggestions, for charts: counts and times, never text. It answers for a span, not for all time at once. */

import { linkedIds } from './repositoryKeys.ts';
import type { Database } from './database.ts';
import type { OutcomeKind } from './outcomes.ts';

/** Suggestions of one span that one adapter made and that ended alike. */
export interface OutcomeSum {
  /** Digest, "task" or "base". */
  readonly adapter: string;
  readonly kind: OutcomeKind;
  readonly count: number;
  /** Of them, how many are believed to have been visible. */
  readonly nShown: number;
  /** Accepted characters x their latest known survival. */
  readonly retainedChars: number;
  /** The part of `retainedChars` that was shown first, and how many it is shared by: as in {@link sumSignals}. */
  readonly retainedShownChars: number;
  readonly nKnown: number;
}

/**
 * The sums of the suggestions with `sinceMs <= atMs < beforeMs`. Measured at 4 ms for 1,100 suggestions, from the index
 * `suggestionsForFigures` alone: the rows themselves hold code text and are long.
 */
export function sumOutcomes(db: Database, repoId: string, sinceMs: number, beforeMs: number): OutcomeSum[] {
  const rows = db.all(
    `WITH chosen AS (
       SELECT s.adapter, coalesce(o.kind, 'returned') AS kind, o.shownAtMs, coalesce(o.acceptedChars, 0) AS chars,
         CASE WHEN coalesce(o.acceptedChars, 0) = 0 THEN 0 ELSE (
           SELECT similarity FROM survivals v
           WHERE v.suggestionId = s.id AND similarity IS NOT NULL ORDER BY afterS DESC LIMIT 1) END AS similarity
       FROM suggestions s LEFT JOIN outcomes o ON o.suggestionId = s.id
       WHERE s.repoId IN ${linkedIds} AND s.atMs >= ? AND s.atMs < ?)
     SELECT adapter, kind, count(*) AS count, count(shownAtMs) AS nShown,
       total(chars * similarity) AS retainedChars,
       total(chars * similarity) FILTER (WHERE shownAtMs IS NOT NULL) AS retainedShownChars,
       count(similarity) FILTER (WHERE shownAtMs IS NOT NULL) AS nKnown
     FROM chosen GROUP BY adapter, kind`,
    ...[repoId, repoId],
    Math.round(sinceMs),
    Math.round(beforeMs),
  );
  return rows.map((row) => ({
    adapter: row['adapter'] as string,
    kind: row['kind'] as OutcomeKind,
    count: Number(row['count']),
    nShown: Number(row['nShown']),
    retainedChars: Number(row['retainedChars']),
    retainedShownChars: Number(row['retainedShownChars']),
    nKnown: Number(row['nKnown']),
  }));
}

/** Stage -> milliseconds of the newest suggestions, newest first. */
export function latestLatencies(
  db: Database,
  repoId: string,
  limit: number,
): Readonly<Record<string, number>>[] {
  return db
    .all(
      `SELECT latencyMs FROM suggestions WHERE repoId IN ${linkedIds} ORDER BY atMs DESC LIMIT ?`,
      ...[repoId, repoId, limit],
    )
    .map((row) => JSON.parse(row['latencyMs'] as string) as Record<string, number>);
}
