/** The table of where each repository's learning loop stands: one row for each repository and base model, as JSON text. */

import type { Database } from './database.ts';

export interface LoopStatesTable {
  put(repoId: string, baseDigest: string, state: string, atMs: number): void;
  get(repoId: string, baseDigest: string): string | undefined;
}

export function loopStatesTable(db: Database): LoopStatesTable {
  return {
    put: (repoId, baseDigest, state, atMs) =>
      void db.run(
        `INSERT INTO loopStates (repoId, baseDigest, state, updatedAtMs) VALUES (?, ?, ?, ?)
         ON CONFLICT (repoId, baseDigest) DO UPDATE SET state = excluded.state, updatedAtMs = excluded.updatedAtMs`,
        repoId,
        baseDigest,
        state,
        Math.round(atMs),
      ),
    get: (repoId, baseDigest) =>
      db.get('SELECT state FROM loopStates WHERE repoId = ? AND baseDigest = ?', repoId, baseDigest)?.[
        'state'
      ] as string | undefined,
  };
}
