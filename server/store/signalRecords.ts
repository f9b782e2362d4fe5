/** Suggestions with their outcomes and survivals: listed, summed up and deleted by the same filter. */

import type { Database, SqlRow, SqlValue } from './database.ts';
import { toOutcome } from './outcomes.ts';
import type { OutcomeKind, StoredOutcome } from './outcomes.ts';
import { linkedIds } from './repositoryKeys.ts';
import { toSuggestion } from './suggestions.ts';
import type { StoredSuggestion } from './suggestions.ts';
import { survivalsTable } from './survivals.ts';
import type { StoredSurvival } from './survivals.ts';
import type { Thumbs } from './thumbs.ts';

export interface SignalFilter {
  readonly repoId?: string | undefined;
  readonly sinceMs?: number | undefined;
  /** Not included. */
  readonly beforeMs?: number | undefined;
  /** `*` any characters (slashes too), `?` one, `[a-z]` one of: https://www.sqlite.org/lang_expr.html#the_glob_operator */
  readonly pathGlob?: string | undefined;
  readonly kind?: OutcomeKind | undefined;
  /** A file, or a folder with all that is in it. */
  readonly within?: string | undefined;
}

export interface SignalRecord {
  readonly suggestion: StoredSuggestion;
  /** `returned` as long as nothing else is known. */
  readonly outcome: StoredOutcome;
  readonly survivals: readonly StoredSurvival[];
  /** What a person said about it. */
  readonly thumbs?: Thumbs;
}

export interface SignalTotals {
  readonly returned: number;
  readonly shown: number;
  readonly accepted: number;
  readonly partiallyAccepted: number;
  readonly typedOut: number;
  readonly rejectedExplicitly: number;
  readonly rejectedImplicitly: number;
  readonly ignored: number;
  readonly acceptedChars: number;
  /**
   * The figure to optimise: accepted characters x their latest known survival, per shown suggestion.
   * Accepted ones of which no survival is known (yet) count on neither side. Undefined when there is none to count.
   */
  readonly retainedCharsPerShown: number | undefined;
}

const joined = 'FROM suggestions s LEFT JOIN outcomes o ON o.suggestionId = s.id';

/** Newest first. */
export function listSignals(db: Database, filter: SignalFilter, limit: number): SignalRecord[] {
  const { where, values } = toSql(filter);
  const survivals = survivalsTable(db);
  return db
    .all(
      `SELECT s.*, o.*, (SELECT t.thumbs FROM thumbs t WHERE t.suggestionId = s.id) AS thumbs
       ${joined} ${where} ORDER BY s.atMs DESC, s.rowid DESC LIMIT ?`,
      ...values,
      limit,
    )
    .map((row) => toRecord(row, survivals.of(row['id'] as string)));
}

export function sumSignals(db: Database, filter: SignalFilter): SignalTotals {
  const { where, values } = toSql(filter);
  const row = db.get(
    `WITH chosen AS (
       SELECT coalesce(o.kind, 'returned') AS kind, o.isExplicit, o.shownAtMs, coalesce(o.acceptedChars, 0) AS chars,
         CASE WHEN coalesce(o.acceptedChars, 0) = 0 THEN 0 ELSE (
           SELECT similarity FROM survivals v
           WHERE v.suggestionId = s.id AND similarity IS NOT NULL ORDER BY afterS DESC LIMIT 1) END AS similarity
       ${joined} ${where})
     SELECT count(*) AS returned,
       count(shownAtMs) AS shown,
       sum(kind = 'accepted') AS accepted,
       sum(kind = 'partiallyAccepted') AS partiallyAccepted,
       sum(kind = 'typedOut') AS typedOut,
       sum(kind = 'rejected' AND isExplicit = 1) AS rejectedExplicitly,
       sum(kind = 'rejected' AND isExplicit = 0) AS rejectedImplicitly,
       sum(kind = 'ignored') AS ignored,
       sum(chars) AS acceptedChars,
       sum(chars * similarity) FILTER (WHERE shownAtMs IS NOT NULL) AS retainedChars,
       count(similarity) FILTER (WHERE shownAtMs IS NOT NULL) AS nKnown
     FROM chosen`,
    ...values,
  );
  const number = (column: string) => Number(row?.[column] ?? 0);
  const nKnown = number('nKnown');
  return {
    returned: number('returned'),
    shown: number('shown'),
    accepted: number('accepted'),
    partiallyAccepted: number('partiallyAccepted'),
    typedOut: number('typedOut'),
    rejectedExplicitly: number('rejectedExplicitly'),
    rejectedImplicitly: number('rejectedImplicitly'),
    ignored: number('ignored'),
    acceptedChars: number('acceptedChars'),
    retainedCharsPerShown: nKnown === 0 ? undefined : number('retainedChars') / nKnown,
  };
}

export interface PathCount {
  readonly path: string;
  readonly count: number;
}

export interface DeletedSignals {
  readonly deleted: number;
  /** How many of each file, most first. */
  readonly paths: readonly PathCount[];
}

/** How many suggestions of each file there are, most first: what deleting by the same filter would take. */
export function countByPath(db: Database, filter: SignalFilter): PathCount[] {
  const { where, values } = toSql(filter);
  return toCounts(db.all(`SELECT s.path, count(*) AS count ${joined} ${where} GROUP BY s.path`, ...values));
}

/** Whether anything is recorded that the filter lets through. */
export function hasSignals(db: Database, filter: SignalFilter): boolean {
  const { where, values } = toSql(filter);
  return db.get(`SELECT 1 ${joined} ${where} LIMIT 1`, ...values) !== undefined;
}

/** Deletes suggestions with all that hangs on them, out of the file and its log. Not inside a transaction. */
export function deleteSignals(db: Database, filter: SignalFilter): DeletedSignals {
  const deleted = deleteSignalRows(db, filter);
  if (deleted.deleted > 0) emptyLog(db);
  return deleted;
}

/** What was written over is gone from SQLite's log too, as soon as no other process reads. Not inside a transaction. */
export function emptyLog(db: Database): void {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** As deleteSignals, as a part of a transaction: the log has it still. */
export function deleteSignalRows(db: Database, filter: SignalFilter): DeletedSignals {
  const { where, values } = toSql(filter);
  const rows = db.all(
    `DELETE FROM suggestions WHERE id IN (SELECT s.id ${joined} ${where}) RETURNING path`,
    ...values,
  );
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row['path'] as string, (counts.get(row['path'] as string) ?? 0) + 1);
  const paths = toCounts([...counts].map(([path, count]) => ({ path, count })));
  return { deleted: rows.length, paths };
}

function toCounts(rows: readonly SqlRow[]): PathCount[] {
  const counts = rows.map((row) => ({ path: row['path'] as string, count: Number(row['count']) }));
  return counts.sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1));
}

function toSql(filter: SignalFilter): { where: string; values: SqlValue[] } {
  const { repoId } = filter;
  const conditions: [string, SqlValue | undefined][] = [
    ['s.atMs >= ?', filter.sinceMs],
    ['s.atMs < ?', filter.beforeMs],
    ['s.path GLOB ?', filter.pathGlob],
    [`coalesce(o.kind, 'returned') = ?`, filter.kind],
    // Of a file itself too, as the path that is compared ends with a slash.
    [`instr(s.path || '/', ?) = 1`, filter.within === undefined ? undefined : `${filter.within}/`],
  ];
  const used = conditions.filter((each): each is [string, SqlValue] => each[1] !== undefined);
  const ofRepository = repoId === undefined ? [] : [`s.repoId IN ${linkedIds}`];
  const all = [...ofRepository, ...used.map(([sql]) => sql)];
  return {
    where: all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`,
    values: [...(repoId === undefined ? [] : [repoId, repoId]), ...used.map(([, value]) => value)],
  };
}

function toRecord(row: SqlRow, survivals: readonly StoredSurvival[]): SignalRecord {
  const suggestion = toSuggestion(row) as StoredSuggestion;
  const nothingKnown = {
    suggestionId: suggestion.id,
    kind: 'returned',
    acceptedChars: 0,
    isConfirmed: false,
  } as const;
  const thumbs = row['thumbs'] as Thumbs | null;
  const record = { suggestion, outcome: toOutcome(row) ?? nothingKnown, survivals };
  return thumbs === null ? record : { ...record, thumbs };
}
