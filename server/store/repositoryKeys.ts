/** The table of what repositories were known by: places and computed ids, each with the id that records stand under. */

import type { Database } from './database.ts';

export interface RepositoryKey {
  /** `git:` or `folder:` and what identifies a folder of this machine; `id:` and an id that stands for the same repository. */
  readonly key: string;
  readonly repoId: string;
  /** Whether it was in git when it was seen last. */
  readonly hasGit: boolean;
  /** Digest of its remote then. */
  readonly remote: string | undefined;
  readonly seenAtMs: number;
}

export interface RepositoryKeysTable {
  get(key: string): RepositoryKey | undefined;
  /** The latest counts. */
  put(key: RepositoryKey): void;
  /** All keys of a repository. */
  of(repoId: string): RepositoryKey[];
  /** Ids under which records of this repository stand, itself first. */
  linkedTo(repoId: string): string[];
  /** From now on whatever is known as `from` is known as `to`. Inside a transaction. */
  link(from: string, to: string, atMs: number): void;
}

const idPrefix = 'id:';

export const keyOfId = (repoId: string): string => `${idPrefix}${repoId}`;

/** SQL for the ids under which records of a repository stand; takes its id twice. */
export const linkedIds = `(SELECT ? UNION SELECT substr(key, ${idPrefix.length + 1}) FROM repositoryKeys
  WHERE repoId = ? AND key GLOB '${idPrefix}*')`;

export function repositoryKeysTable(db: Database): RepositoryKeysTable {
  const put = ({ key, repoId, hasGit, remote, seenAtMs }: RepositoryKey) => {
    db.run(
      `INSERT INTO repositoryKeys (key, repoId, hasGit, remote, seenAtMs) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET repoId = excluded.repoId, hasGit = excluded.hasGit,
         remote = excluded.remote, seenAtMs = excluded.seenAtMs`,
      ...[key, repoId, hasGit ? 1 : 0, remote ?? null, Math.round(seenAtMs)],
    );
  };
  const toKey = (row: Readonly<Record<string, unknown>>): RepositoryKey => ({
    key: row['key'] as string,
    repoId: row['repoId'] as string,
    hasGit: row['hasGit'] === 1,
    remote: (row['remote'] as string | null) ?? undefined,
    seenAtMs: Number(row['seenAtMs']),
  });
  return {
    put,
    get(key) {
      const row = db.get('SELECT * FROM repositoryKeys WHERE key = ?', key);
      return row === undefined ? undefined : toKey(row);
    },
    of: (repoId) => db.all('SELECT * FROM repositoryKeys WHERE repoId = ? ORDER BY key', repoId).map(toKey),
    linkedTo(repoId) {
      const keys = db.all(
        `SELECT key FROM repositoryKeys WHERE repoId = ? AND key GLOB '${idPrefix}*' ORDER BY key`,
        repoId,
      );
      const ids = keys.map((row) => (row['key'] as string).slice(idPrefix.length));
      return [repoId, ...ids.filter((id) => id !== repoId)];
    },
    link(from, to, atMs) {
      db.run('UPDATE repositoryKeys SET repoId = ? WHERE repoId = ?', to, from);
      put({ key: keyOfId(from), repoId: to, hasGit: true, remote: undefined, seenAtMs: atMs });
    },
  };
}
