/** The table that says what became of each suggestion: one row each, which moves forward and never back. */

import type { Database, SqlRow } from './database.ts';

export const outcomeKinds = [
  'returned',
  'shown',
  'accepted',
  'partiallyAccepted',
  'typedOut',
  'rejected',
  'ignored',
] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

export interface StoredOutcome {
  readonly suggestionId: string;
  readonly kind: OutcomeKind;
  /** For `rejected`: whether the user said so, or it was inferred. */
  readonly isExplicit?: boolean | undefined;
  /** Characters that went in by accepting, all or a part; not those that the user typed. */
  readonly acceptedChars: number;
  /** For accepted ones: whether the document was seen to change so. */
  readonly isConfirmed: boolean;
  /** Since when it is believed to have been visible; undefined if never. */
  readonly shownAtMs?: number | undefined;
  /** Undefined while it may still change. */
  readonly endedAtMs?: number | undefined;
  /** Why it ended, for example `diverged`, `superseded`, `restart`. */
  readonly endReason?: string | undefined;
  /** What stood in the suggestion's place at the last look; written by `keep`, not by `put`. */
  readonly keptText?: string | undefined;
}

export interface OutcomesTable {
  /** Writes it unless the stored one has ended already; so duplicates and stragglers do no harm. */
  put(outcome: StoredOutcome): void;
  /** Notes what stands in the suggestion's place, also after its outcome has ended; undefined: nothing. */
  keep(suggestionId: string, text: string | undefined): void;
  get(suggestionId: string): StoredOutcome | undefined;
  /** Ends those, of suggestions from before `beforeMs`, that have not ended. @returns how many. */
  endUnfinished(beforeMs: number, atMs: number, endReason: string): number;
}

export function outcomesTable(db: Database): OutcomesTable {
  return {
    put: (outcome) => put(db, outcome),
    keep: (suggestionId, text) =>
      void db.run(
        'UPDATE outcomes SET keptText = ? WHERE suggestionId = ?',
        text?.toWellFormed() ?? null,
        suggestionId,
      ),
    get: (suggestionId) => toOutcome(db.get('SELECT * FROM outcomes WHERE suggestionId = ?', suggestionId)),
    endUnfinished: (beforeMs, atMs, endReason) =>
      db.run(
        `UPDATE outcomes SET endedAtMs = ?, endReason = ?,
           kind = CASE kind WHEN 'partiallyAccepted' THEN kind ELSE 'ignored' END
         WHERE endedAtMs IS NULL AND suggestionId IN (SELECT id FROM suggestions WHERE atMs < ?)`,
        Math.round(atMs),
        endReason,
        Math.round(beforeMs),
      ).changes,
  };
}

function put(db: Database, outcome: StoredOutcome): void {
  db.run(
    `INSERT INTO outcomes
       (suggestionId, kind, isExplicit, acceptedChars, isConfirmed, shownAtMs, endedAtMs, endReason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (suggestionId) DO UPDATE SET
       kind = excluded.kind,
       isExplicit = excluded.isExplicit,
       acceptedChars = max(acceptedChars, excluded.acceptedChars),
       isConfirmed = max(isConfirmed, excluded.isConfirmed),
       shownAtMs = coalesce(shownAtMs, excluded.shownAtMs),
       endedAtMs = excluded.endedAtMs,
       endReason = excluded.endReason
     WHERE endedAtMs IS NULL`,
    outcome.suggestionId,
    outcome.kind,
    outcome.isExplicit === undefined ? null : Number(outcome.isExplicit),
    outcome.acceptedChars,
    Number(outcome.isConfirmed),
    rounded(outcome.shownAtMs),
    rounded(outcome.endedAtMs),
    outcome.endReason ?? null,
  );
}

const rounded = (atMs: number | undefined): number | null => (atMs === undefined ? null : Math.round(atMs));

/** Undefined in, undefined out; also for rows of a join without an outcome. */
export function toOutcome(row: SqlRow | undefined): StoredOutcome | undefined {
  if (typeof row?.['kind'] !== 'string') return undefined;
  const number = (column: string) => (row[column] === null ? undefined : Number(row[column]));
  return {
    suggestionId: row['suggestionId'] as string,
    kind: row['kind'] as OutcomeKind,
    isExplicit: row['isExplicit'] === null ? undefined : row['isExplicit'] === 1,
    acceptedChars: Number(row['acceptedChars']),
    isConfirmed: row['isConfirmed'] === 1,
    shownAtMs: number('shownAtMs'),
    endedAtMs: number('endedAtMs'),
    endReason: (row['endReason'] as string | null) ?? undefined,
    keptText: (row['keptText'] as string | null) ?? undefined,
  };
}
