/** The table of adapter versions that this machine knows; their files are in the adapters folder, named by digest. */

import type { Database, SqlRow } from './database.ts';

export interface StoredVersion {
  /** SHA-256 of the GGUF file, hex. */
  readonly digest: string;
  readonly repoId: string;
  /** Counted by repository, from 1, in the order in which they were added. */
  readonly number: number;
  readonly baseDigest: string;
  readonly createdAtMs: number;
  /** Of all its files. */
  readonly sizeBytes: number;
  /** JSON, as in `lineage.json`. */
  readonly lineage: string;
  /** A full sentence, when something that it learned from was forgotten; it may never serve again. */
  readonly forgottenWhy?: string | undefined;
  /** When its files were deleted; what is known of it stays. */
  readonly collectedAtMs?: number | undefined;
}

export type NewVersion = Omit<StoredVersion, 'number' | 'forgottenWhy' | 'collectedAtMs'>;

export interface AdapterVersionsTable {
  /** A second call with the same digest only says that its files are there again. @returns whether it was new. */
  add(version: NewVersion): boolean;
  get(digest: string): StoredVersion | undefined;
  /** Newest first; of one base model or of all. */
  of(repoId: string, baseDigest?: string): StoredVersion[];
  all(): StoredVersion[];
  markForgotten(digest: string, why: string): void;
  markCollected(digest: string, atMs: number): void;
}

export function adapterVersionsTable(db: Database): AdapterVersionsTable {
  return {
    add: (version) =>
      db.transaction(() => {
        const isNew = db.get('SELECT 1 FROM adapterVersions WHERE digest = ?', version.digest) === undefined;
        insert(db, version);
        return isNew;
      }),
    get: (digest) => toVersion(db.get('SELECT * FROM adapterVersions WHERE digest = ?', digest)),
    of: (repoId, baseDigest) =>
      db
        .all(
          `SELECT * FROM adapterVersions WHERE repoId = ? AND baseDigest = coalesce(?, baseDigest)
           ORDER BY createdAtMs DESC, digest`,
          repoId,
          baseDigest ?? null,
        )
        .flatMap((row) => toVersion(row) ?? []),
    all: () =>
      db
        .all('SELECT * FROM adapterVersions ORDER BY createdAtMs DESC, digest')
        .flatMap((row) => toVersion(row) ?? []),
    markForgotten: (digest, why) =>
      void db.run('UPDATE adapterVersions SET forgottenWhy = ? WHERE digest = ?', why, digest),
    markCollected: (digest, atMs) =>
      void db.run('UPDATE adapterVersions SET collectedAtMs = ? WHERE digest = ?', Math.round(atMs), digest),
  };
}

function insert(db: Database, version: NewVersion): void {
  db.run(
    `INSERT INTO adapterVersions (digest, repoId, number, baseDigest, createdAtMs, sizeBytes, lineage)
     VALUES (?, ?, (SELECT coalesce(max(number), 0) + 1 FROM adapterVersions WHERE repoId = ?), ?, ?, ?, ?)
     ON CONFLICT (digest) DO UPDATE SET collectedAtMs = NULL`,
    version.digest,
    version.repoId,
    version.repoId,
    version.baseDigest,
    Math.round(version.createdAtMs),
    Math.round(version.sizeBytes),
    version.lineage,
  );
}

function toVersion(row: SqlRow | undefined): StoredVersion | undefined {
  if (row === undefined) return undefined;
  const text = (column: string) => row[column] as string;
  return {
    digest: text('digest'),
    repoId: text('repoId'),
    number: Number(row['number']),
    baseDigest: text('baseDigest'),
    createdAtMs: Number(row['createdAtMs']),
    sizeBytes: Number(row['sizeBytes']),
    lineage: text('lineage'),
    forgottenWhy: (row['forgottenWhy'] as string | null) ?? undefined,
    collectedAtMs: row['collectedAtMs'] === null ? undefined : Number(row['collectedAtMs']),
  };
}
