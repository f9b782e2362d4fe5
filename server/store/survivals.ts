/** The table of what was left of accepted text after fixed times, or of why that is not known. */

import type { Database } from './database.ts';

export const survivalAfterS = [30, 120, 300, 600] as const;
export type SurvivalAfterS = (typeof survivalAfterS)[number];

/**
 * Why a survival can't be told. `checkout`: git replaced the file. `fileGone`: closed, and not on disk any more.
 * `unreadable`: on disk, but not as text. `unconfirmed`: the accepted text was never seen in the document.
 * `notTracked`: the document was too far from what the editor told. `late`: looked at too late.
 * `editorClosed`, `restart`: the editor, or the daemon, ended before the time came.
 */
export type SurvivalUnknown =
  'checkout' | 'fileGone' | 'unreadable' | 'unconfirmed' | 'notTracked' | 'late' | 'editorClosed' | 'restart';

export type SurvivalValue = { readonly similarity: number } | { readonly unknown: SurvivalUnknown };

export interface StoredSurvival {
  readonly suggestionId: string;
  /** Seconds since the acceptance. */
  readonly afterS: SurvivalAfterS;
  /** Similarity: 0 all gone, 1 all still there. */
  readonly value: SurvivalValue;
}

export interface SurvivalsTable {
  /** The first value for a suggestion and time stays. */
  add(survival: StoredSurvival): void;
  of(suggestionId: string): StoredSurvival[];
  /**
   * Writes `unknown` for every sample that is missing of text that was accepted, in part or whole, or typed out, of
   * suggestions from before `beforeMs`.
   */
  fillMissing(beforeMs: number, unknown: SurvivalUnknown): void;
}

export function survivalsTable(db: Database): SurvivalsTable {
  return {
    add({ suggestionId, afterS, value }) {
      db.run(
        `INSERT INTO survivals (suggestionId, afterS, similarity, unknownReason) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        suggestionId,
        afterS,
        'similarity' in value ? value.similarity : null,
        'unknown' in value ? value.unknown : null,
      );
    },
    of: (suggestionId) =>
      db.all('SELECT * FROM survivals WHERE suggestionId = ? ORDER BY afterS', suggestionId).map((row) => ({
        suggestionId,
        afterS: Number(row['afterS']) as SurvivalAfterS,
        value:
          row['similarity'] === null
            ? { unknown: row['unknownReason'] as SurvivalUnknown }
            : { similarity: Number(row['similarity']) },
      })),
    fillMissing(beforeMs, unknown) {
      for (const afterS of survivalAfterS) {
        db.run(
          `INSERT INTO survivals (suggestionId, afterS, similarity, unknownReason)
           SELECT o.suggestionId, ?, NULL, ? FROM outcomes o JOIN suggestions s ON s.id = o.suggestionId
           WHERE s.atMs < ? AND o.kind IN ('accepted', 'partiallyAccepted', 'typedOut') ON CONFLICT DO NOTHING`,
          afterS,
          unknown,
          Math.round(beforeMs),
        );
      }
    },
  };
}
