/** The table of names that point at adapter versions: for each repository and base model at most one of each name. */

import type { Database } from './database.ts';

export const aliasNames = ['champion', 'previous', 'canary'] as const;
export type AliasName = (typeof aliasNames)[number];

/** Alias -> digest of the version. */
export type StoredAliases = Readonly<Partial<Record<AliasName, string>>>;

export interface StoredAlias {
  readonly repoId: string;
  readonly baseDigest: string;
  readonly alias: AliasName;
  readonly digest: string;
}

export interface AdapterAliasesTable {
  of(repoId: string, baseDigest: string): StoredAliases;
  all(): StoredAlias[];
  /** Moves the alias; undefined removes it. The version must be in the table of versions. */
  set(key: Omit<StoredAlias, 'digest'>, digest: string | undefined, atMs: number): void;
}

export function adapterAliasesTable(db: Database): AdapterAliasesTable {
  return {
    of: (repoId, baseDigest) =>
      Object.fromEntries(
        db
          .all(
            'SELECT alias, digest FROM adapterAliases WHERE repoId = ? AND baseDigest = ?',
            repoId,
            baseDigest,
          )
          .map((row) => [row['alias'] as AliasName, row['digest'] as string]),
      ),
    all: () =>
      db
        .all('SELECT repoId, baseDigest, alias, digest FROM adapterAliases')
        .map((row) => ({ ...row }) as unknown as StoredAlias),
    set({ repoId, baseDigest, alias }, digest, atMs) {
      if (digest === undefined)
        db.run(
          'DELETE FROM adapterAliases WHERE repoId = ? AND baseDigest = ? AND alias = ?',
          repoId,
          baseDigest,
          alias,
        );
      else
        db.run(
          `INSERT INTO adapterAliases (repoId, baseDigest, alias, digest, setAtMs) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (repoId, baseDigest, alias) DO UPDATE SET digest = excluded.digest, setAtMs = excluded.setAtMs`,
          ...[repoId, baseDigest, alias, digest],
          Math.round(atMs),
        );
    },
  };
}
