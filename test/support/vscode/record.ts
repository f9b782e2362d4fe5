/** What the daemon recorded in a run: its database, opened read-only beside it, and its log at level debug. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openDatabase } from '../../../server/store/database.ts';
import { toOutcome } from '../../../server/store/outcomes.ts';
import type { OutcomeKind, StoredOutcome } from '../../../server/store/outcomes.ts';
import { until } from './until.ts';

/** The outcomes of all suggestions for the file at `path`, oldest first. */
export function recordOf(idiomHome: string, path: string): StoredOutcome[] {
  const file = join(idiomHome, 'idiom.sqlite');
  if (!existsSync(file)) return [];
  const db = openDatabase({ path: file, isReadOnly: true });
  try {
    const rows = db.all(
      `SELECT outcomes.* FROM suggestions JOIN outcomes ON suggestionId = id
       WHERE uri LIKE '%' || ? ORDER BY atMs, suggestions.rowid`,
      pathToFileURL(path).pathname,
    );
    return rows.flatMap((row) => toOutcome(row) ?? []);
  } finally {
    db.dispose();
  }
}

/** Waits until a suggestion for the file has this outcome, and returns it. */
export async function untilOutcome(
  idiomHome: string,
  path: string,
  kind: OutcomeKind,
): Promise<StoredOutcome> {
  const find = (): StoredOutcome | undefined =>
    recordOf(idiomHome, path).findLast((outcome) => outcome.kind === kind);
  try {
    return await until(`an outcome "${kind}"`, find, 15_000);
  } catch (error) {
    throw new Error(`Recorded is: ${JSON.stringify(recordOf(idiomHome, path))}`, { cause: error });
  }
}

export type AnswerSource = 'no' | 'exact' | 'typeAlong' | 'prefetch';

/** Lines of the log that tell of suggestions for `path` (relative to its repository), and whether the model was asked. */
export function answersFor(idiomHome: string, path: string, fromCache?: AnswerSource): string[] {
  const file = join(idiomHome, 'logs', 'daemon.log');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('[completion] suggestion ') && line.includes(`path=${path} `))
    .filter((line) => fromCache === undefined || line.includes(`fromCache=${fromCache}`));
}
