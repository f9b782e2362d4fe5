/** The table of what a person said about a suggestion; the latest word counts. */

import type { Database } from './database.ts';

export type Thumbs = 'up' | 'down';

export interface ThumbsTable {
  put(suggestionId: string, thumbs: Thumbs, atMs: number): void;
  get(suggestionId: string): Thumbs | undefined;
}

export function thumbsTable(db: Database): ThumbsTable {
  return {
    put(suggestionId, thumbs, atMs) {
      db.run(
        `INSERT INTO thumbs (suggestionId, thumbs, atMs) VALUES (?, ?, ?)
         ON CONFLICT (suggestionId) DO UPDATE SET thumbs = excluded.thumbs, atMs = excluded.atMs`,
        suggestionId,
        thumbs,
        Math.round(atMs),
      );
    },
    get: (suggestionId) =>
      db.get('SELECT thumbs FROM thumbs WHERE suggestionId = ?', suggestionId)?.['thumbs'] as
        Thumbs | undefined,
  };
}
