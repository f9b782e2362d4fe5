/** Brings a database to the newest schema by numbered steps that only go forward; it knows no table. */

import { IdiomError } from '../base/errors.ts';
import type { Database } from './database.ts';

export interface Migration {
  /** 1, 2, 3, ... without gaps. Once released, a migration is never changed. */
  readonly version: number;
  readonly sql: string;
}

/** `PRAGMA user_version`: 0 for a new file. https://www.sqlite.org/pragma.html#pragma_user_version */
export function schemaVersion(db: Database): number {
  return Number(db.get('PRAGMA user_version')?.['user_version'] ?? 0);
}

/** @throws IdiomError `storeNewer` when the schema is from a newer Idiom. Changes nothing. */
export function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const version = schemaVersion(db);
  if (version <= newest) return;
  throw new IdiomError(
    'storeNewer',
    `The database ${db.path} was written by a newer Idiom (schema ${version}, this one knows ${newest}).`,
    {
      remedy: 'Update Idiom, or set IDIOM_HOME to another folder to start afresh. The file is left as it is.',
    },
  );
}

/**
 * Runs the steps that are missing, each with its new version number in one transaction: a process killed at any
 * moment leaves the schema of some version and never a part of one. Several processes may migrate at once.
 * @throws IdiomError `storeNewer`.
 */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  refuseNewer(db, migrations);
  for (const { version, sql } of migrations) {
    if (schemaVersion(db) >= version) continue;
    db.transaction(() => {
      // Another process may have been faster while this one waited for the write lock.
      if (schemaVersion(db) >= version) return;
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${version}`);
    });
  }
}
