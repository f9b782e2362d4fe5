/** The table of answers to "may this base model be downloaded?". */

import type { Database } from './database.ts';

export type ConsentAnswer = 'allow' | 'deny';

export interface ConsentsTable {
  /** The latest answer counts. */
  put(ref: string, answer: ConsentAnswer, atMs: number): void;
  get(ref: string): ConsentAnswer | undefined;
}

export function consentsTable(db: Database): ConsentsTable {
  return {
    put(ref, answer, atMs) {
      db.run(
        `INSERT INTO consents (ref, answer, atMs) VALUES (?, ?, ?)
         ON CONFLICT (ref) DO UPDATE SET answer = excluded.answer, atMs = excluded.atMs`,
        ref,
        answer,
        Math.round(atMs),
      );
    },
    get: (ref) =>
      db.get('SELECT answer FROM consents WHERE ref = ?', ref)?.['answer'] as ConsentAnswer | undefined,
  };
}
