/** Outcomes from which something can be learned: read with the text around them, or only counted. What is made of them is not decided here. */

import { linkedIds } from './repositoryKeys.ts';
import type { Database, SqlRow } from './database.ts';
import type { OutcomeKind } from './outcomes.ts';
import type { Thumbs } from './thumbs.ts';

export interface LearnableOutcome {
  readonly suggestionId: string;
  /** Relative to the repository. */
  readonly path: string;
  readonly languageId: string;
  readonly atMs: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly text: string;
  readonly kind: OutcomeKind;
  /** What stood in its place at the last look. */
  readonly keptText: string | undefined;
  /** How much of accepted text was left at the last look that told something: 0 to 1. */
  readonly similarity: number | undefined;
  readonly thumbs: Thumbs | undefined;
}

export interface LearnableFilter {
  readonly repoId: string;
  /** Included. */
  readonly sinceMs?: number | undefined;
  /** Not included. */
  readonly beforeMs?: number | undefined;
}

/**
 * Accepted text of which so much is left was kept; of which less is left, it was rewritten. Renaming one name in a line of
 * forty characters leaves 0.8 and more.
 */
export const survivedSimilarity = 0.8;

/** Newest first. */
export function learnableOutcomes(db: Database, filter: LearnableFilter, limit: number): LearnableOutcome[] {
  const columns = `s.id, s.path, s.languageId, s.atMs, s.prefix, s.suffix, s.text, o.kind, o.keptText, t.thumbs,
    ${similarity} AS similarity`;
  return db
    .all(
      `SELECT ${columns} ${joined} WHERE ${chosen} AND ${learnable} ORDER BY s.atMs DESC, s.rowid DESC LIMIT ?`,
      ...valuesOf(filter),
      survivedSimilarity,
      survivedSimilarity,
      limit,
    )
    .map(toLearnable);
}

/** How many there are, without reading a text. */
export function countLearnable(db: Database, filter: LearnableFilter): number {
  const row = db.get(
    `SELECT count(*) AS n ${joined} WHERE ${chosen} AND ${learnable}`,
    ...valuesOf(filter),
    survivedSimilarity,
    survivedSimilarity,
  );
  return Number(row?.['n'] ?? 0);
}

const joined = `FROM suggestions s JOIN outcomes o ON o.suggestionId = s.id
  LEFT JOIN thumbs t ON t.suggestionId = s.id`;
const chosen = `s.repoId IN ${linkedIds} AND s.atMs >= ? AND s.atMs < ?`;
const similarity = `(SELECT v.similarity FROM survivals v
  WHERE v.suggestionId = s.id AND v.similarity IS NOT NULL ORDER BY v.afterS DESC LIMIT 1)`;
const isTaken = `o.kind IN ('accepted', 'partiallyAccepted', 'typedOut')`;
/** Praised, or taken and kept unless blamed, or replaced by something that was kept. Ignored ones tell nothing. */
const learnable = `(t.thumbs = 'up'
  OR (${isTaken} AND t.thumbs IS NOT 'down' AND ${similarity} >= ?)
  OR (o.keptText IS NOT NULL AND (o.kind = 'rejected' OR (${isTaken} AND ${similarity} < ?))))`;

function valuesOf({ repoId, sinceMs, beforeMs }: LearnableFilter): [string, string, number, number] {
  return [repoId, repoId, Math.round(sinceMs ?? 0), Math.round(beforeMs ?? Number.MAX_SAFE_INTEGER)];
}

function toLearnable(row: SqlRow): LearnableOutcome {
  const text = (column: string) => row[column] as string;
  return {
    suggestionId: text('id'),
    path: text('path'),
    languageId: text('languageId'),
    atMs: Number(row['atMs']),
    prefix: text('prefix'),
    suffix: text('suffix'),
    text: text('text'),
    kind: text('kind') as OutcomeKind,
    keptText: (row['keptText'] as string | null) ?? undefined,
    similarity: row['similarity'] === null ? undefined : Number(row['similarity']),
    thumbs: (row['thumbs'] as Thumbs | null) ?? undefined,
  };
}
