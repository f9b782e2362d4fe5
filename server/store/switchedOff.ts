/** The table of what a person has switched off for a repository. It is theirs, so no file of the repository tells of it. */

import type { Database } from './database.ts';
import { linkedIds } from './repositoryKeys.ts';

export const switches = ['suggestions', 'learning'] as const;
export type Switch = (typeof switches)[number];

export interface SwitchedOffTable {
  isOff(repoId: string, what: Switch): boolean;
  set(repoId: string, what: Switch, isOff: boolean, atMs: number): void;
}

export function switchedOffTable(db: Database): SwitchedOffTable {
  const chosen = `what = ? AND repoId IN ${linkedIds}`;
  return {
    isOff: (repoId, what) =>
      db.get(`SELECT 1 FROM switchedOff WHERE ${chosen}`, what, repoId, repoId) !== undefined,
    set(repoId, what, isOff, atMs) {
      if (!isOff) db.run(`DELETE FROM switchedOff WHERE ${chosen}`, what, repoId, repoId);
      else
        db.run(
          'INSERT INTO switchedOff (repoId, what, atMs) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          ...[repoId, what, Math.round(atMs)],
        );
    },
  };
}
