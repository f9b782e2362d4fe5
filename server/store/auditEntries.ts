/** The table of everything that was decided about a repository's adapters. Rows are added and never changed. */

import type { Database } from './database.ts';

export interface StoredAuditEntry {
  readonly repoId: string;
  readonly atMs: number;
  /** `gate`, `canary`, `person`, `policy`, `forget`. */
  readonly who: string;
  readonly what: string;
  readonly digest?: string | undefined;
  /** A full sentence. */
  readonly why: string;
}

export interface AuditEntriesTable {
  add(entry: StoredAuditEntry): void;
  /** Newest first, in the order of writing, whatever a clock says. */
  of(repoId: string, limit: number): StoredAuditEntry[];
  /** Digests that were named since then, of all repositories. */
  digestsSince(sinceMs: number): string[];
}

export function auditEntriesTable(db: Database): AuditEntriesTable {
  return {
    add: ({ repoId, atMs, who, what, digest, why }) =>
      void db.run(
        'INSERT INTO auditEntries (repoId, atMs, who, what, digest, why) VALUES (?, ?, ?, ?, ?, ?)',
        ...[repoId, Math.round(atMs), who, what, digest ?? null, why.toWellFormed()],
      ),
    of: (repoId, limit) =>
      db
        .all('SELECT * FROM auditEntries WHERE repoId = ? ORDER BY id DESC LIMIT ?', repoId, limit)
        .map((row) => ({
          repoId: row['repoId'] as string,
          atMs: Number(row['atMs']),
          who: row['who'] as string,
          what: row['what'] as string,
          ...(row['digest'] === null ? {} : { digest: row['digest'] as string }),
          why: row['why'] as string,
        })),
    digestsSince: (sinceMs) =>
      db
        .all(
          'SELECT DISTINCT digest FROM auditEntries WHERE atMs >= ? AND digest IS NOT NULL',
          Math.round(sinceMs),
        )
        .map((row) => row['digest'] as string),
  };
}
