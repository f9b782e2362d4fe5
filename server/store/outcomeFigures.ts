/** What became of suggestions, for figures: kinds, counts and times, never text. It answers for a span, not for all time at once. */

import { linkedIds } from './repositoryKeys.ts';
import type { Database } from './database.ts';
import type { OutcomeKind } from './outcomes.ts';

/** One suggestion. */
export interface OutcomeFigures {
  readonly atMs: number;
  /** Digest, "task" or "base". */
  readonly adapter: string;
  readonly languageId: string;
  /** Relative to the repository. */
  readonly path: string;
  readonly kind: OutcomeKind;
  /** Of a rejected one: by a key, not by typing something else. */
  readonly isExplicit: boolean;
  /** Whether it is believed to have been visible. */
  readonly isShown: boolean;
  readonly acceptedChars: number;
  /** Latest known survival of the accepted characters, 0 to 1; 0 where none were accepted, undefined where nothing is known. */
  readonly similarity: number | undefined;
  /** From the request to the answer; undefined where it was not timed. */
  readonly totalMs: number | undefined;
}

/**
 * The suggestions with `sinceMs <= atMs < beforeMs`, oldest first. They come from the index `suggestionsForFigures` alone:
 * the rows themselves hold code text and are long.
 */
export function listOutcomes(
  db: Database,
  repoId: string,
  sinceMs: number,
  beforeMs: number,
): OutcomeFigures[] {
  const rows = db.all(
    `${chosen} s.repoId IN ${linkedIds} AND s.atMs >= ? AND s.atMs < ? ORDER BY s.atMs`,
    ...[repoId, repoId, Math.round(sinceMs), Math.round(beforeMs)],
  );
  return rows.map((row) => ({
    atMs: Number(row['atMs']),
    adapter: row['adapter'] as string,
    languageId: row['languageId'] as string,
    path: row['path'] as string,
    kind: row['kind'] as OutcomeKind,
    isExplicit: row['isExplicit'] === 1,
    isShown: row['shownAtMs'] !== null,
    acceptedChars: Number(row['chars']),
    similarity: row['similarity'] === null ? undefined : Number(row['similarity']),
    totalMs: row['totalMs'] === null ? undefined : Number(row['totalMs']),
  }));
}

/** For a test of how it is read. */
export const chosen = `SELECT s.atMs, s.adapter, s.languageId, s.path,
    json_extract(s.latencyMs, '$.total') AS totalMs,
    coalesce(o.kind, 'returned') AS kind, o.isExplicit, o.shownAtMs, coalesce(o.acceptedChars, 0) AS chars,
    CASE WHEN coalesce(o.acceptedChars, 0) = 0 THEN 0 ELSE (
      SELECT similarity FROM survivals v
      WHERE v.suggestionId = s.id AND similarity IS NOT NULL ORDER BY afterS DESC LIMIT 1) END AS similarity
  FROM suggestions s LEFT JOIN outcomes o ON o.suggestionId = s.id WHERE`;

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
