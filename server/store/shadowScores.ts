/** The table of how likely two adapters hold what a developer really wrote: one row for each pair and suggestion. */

import type { Database } from './database.ts';
import { toSuggestion } from './suggestions.ts';
import type { StoredSuggestion } from './suggestions.ts';

export interface ShadowScore {
  /** Digest of the candidate. */
  readonly candidate: string;
  /** Digest of the champion, or `task` or `base`. */
  readonly champion: string;
  readonly suggestionId: string;
  readonly atMs: number;
  /** Nats per token of what was kept; less is better. */
  readonly candidateNll: number;
  readonly championNll: number;
}

/** Which suggestions are to be scored. */
export interface AwaitingFilter {
  readonly repoId: string;
  readonly candidate: string;
  readonly champion: string;
  readonly sinceMs: number;
  /** Not included. */
  readonly beforeMs: number;
}

/** A suggestion, and what the developer kept in its place. */
export interface KeptSuggestion {
  readonly suggestion: StoredSuggestion;
  readonly keptText: string;
}

/** Of one file, at most one suggestion in so long: one keystroke further the same text is kept. */
const spacingMs = 60_000;

export interface ShadowScoresTable {
  /** A second score of the same suggestion changes nothing. */
  add(score: ShadowScore): void;
  /** Of a pair, in the order in which they were made. */
  of(candidate: string, champion: string): ShadowScore[];
  /** Those of which it is known what was kept, without a score of this pair, oldest first. */
  awaiting(filter: AwaitingFilter, limit: number): KeptSuggestion[];
  /** Forgets those whose suggestion is gone. @returns how many. */
  prune(): number;
}

export function shadowScoresTable(db: Database): ShadowScoresTable {
  return {
    add: (score) =>
      void db.run(
        `INSERT INTO shadowScores (candidate, champion, suggestionId, atMs, candidateNll, championNll)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        score.candidate,
        score.champion,
        score.suggestionId,
        Math.round(score.atMs),
        score.candidateNll,
        score.championNll,
      ),
    of: (candidate, champion) =>
      db
        .all(
          'SELECT * FROM shadowScores WHERE candidate = ? AND champion = ? ORDER BY atMs, suggestionId',
          candidate,
          champion,
        )
        .map((row) => ({
          candidate,
          champion,
          suggestionId: row['suggestionId'] as string,
          atMs: Number(row['atMs']),
          candidateNll: Number(row['candidateNll']),
          championNll: Number(row['championNll']),
        })),
    awaiting: (filter, limit) => awaiting(db, filter, limit),
    prune: () =>
      db.run('DELETE FROM shadowScores WHERE suggestionId NOT IN (SELECT id FROM suggestions)').changes,
  };
}

/** With min(), SQLite takes the other columns from the row that has it: https://www.sqlite.org/lang_select.html#bareagg */
function awaiting(db: Database, filter: AwaitingFilter, limit: number): KeptSuggestion[] {
  return db
    .all(
      `SELECT * FROM (
         SELECT s.*, o.keptText, min(s.atMs) AS firstMs
         FROM suggestions s JOIN outcomes o ON o.suggestionId = s.id
         WHERE s.repoId = ? AND s.atMs >= ? AND s.atMs < ? AND s.prefix <> '' AND o.keptText <> ''
         GROUP BY s.path, s.atMs / ${spacingMs}) spaced
       WHERE NOT EXISTS (
         SELECT 1 FROM shadowScores d WHERE d.candidate = ? AND d.champion = ? AND d.suggestionId = spaced.id)
       ORDER BY atMs LIMIT ?`,
      ...[filter.repoId, Math.round(filter.sinceMs), Math.round(filter.beforeMs)],
      ...[filter.candidate, filter.champion, limit],
    )
    .map((row) => ({
      suggestion: toSuggestion(row) as StoredSuggestion,
      keptText: row['keptText'] as string,
    }));
}
