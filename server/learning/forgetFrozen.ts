/** Deletes the frozen cases of a repository when files are forgotten: their prompts may hold snippets of any file. */

import { rmSync } from 'node:fs';
import { frozenPath } from '../evaluation/frozenCases.ts';
import type { Database } from '../store/database.ts';
import { isEverything } from './forgetScope.ts';
import type { ForgetScope } from './forgetScope.ts';

/** The next judgement freezes other lines; earlier reports keep their figures. A span of time by itself concerns none. */
export function forgetFrozen(db: Database, dataFolder: string, scope: ForgetScope): void {
  const { repoId } = scope;
  if (scope.path === undefined && !isEverything(scope)) return;
  const rows = db.all(
    `SELECT baseDigest FROM adapterVersions WHERE repoId = ?
     UNION SELECT baseDigest FROM evalReports WHERE repoId = ?
     UNION SELECT baseDigest FROM loopStates WHERE repoId = ?`,
    repoId,
    repoId,
    repoId,
  );
  for (const row of rows) {
    rmSync(frozenPath({ dataFolder, repoId, baseDigest: row['baseDigest'] as string }), { force: true });
  }
}
