/** Deletes the frozen cases of a repository when files are forgotten: their prompts may hold snippets of any file. */

import { rmSync } from 'node:fs';
import { frozenPath } from '../evaluation/frozenCases.ts';
import { linkedIds } from '../store/repositoryKeys.ts';
import type { Database } from '../store/database.ts';
import { isEverything } from './forgetScope.ts';
import type { ForgetScope } from './forgetScope.ts';

/** The next judgement freezes other lines; earlier reports keep their figures. A span of time by itself concerns none. */
export function forgetFrozen(db: Database, dataFolder: string, scope: ForgetScope): void {
  if (scope.path === undefined && !isEverything(scope)) return;
  const { repoId } = scope;
  const rows = db.all(
    `WITH ids (id) AS (SELECT * FROM ${linkedIds})
     SELECT repoId, baseDigest FROM adapterVersions WHERE repoId IN (SELECT id FROM ids)
     UNION SELECT repoId, baseDigest FROM evalReports WHERE repoId IN (SELECT id FROM ids)
     UNION SELECT repoId, baseDigest FROM loopStates WHERE repoId IN (SELECT id FROM ids)`,
    repoId,
    repoId,
  );
  for (const row of rows) {
    const key = { repoId: row['repoId'] as string, baseDigest: row['baseDigest'] as string };
    rmSync(frozenPath({ dataFolder, ...key }), { force: true });
  }
}
