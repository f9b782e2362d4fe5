/** The index file: opens it, makes its tables, and throws it away when it is of another version, broken or half made. */

import { rmSync } from 'node:fs';
import { explainDatabaseError, openDatabase } from '../store/database.ts';
import type { Database } from '../store/database.ts';

/** Raised whenever chunks, terms or tables change their meaning; an index of another version is made again. */
export const indexVersion = 3;

/**
 * `contents`: distinct file texts by git's object id, so that the live tree and old commits share them.
 * `chunks`: line ranges of a content; their text is not stored, it is read from the file or from git when it is shown.
 * `chunkTerms`: which terms a chunk has. Contentless and without positions or frequencies (https://www.sqlite.org/fts5.html,
 *   "4.4.2" and "4.6"), which makes it a quarter the size of a plain FTS5 table; scores are computed in lexicalLeg.ts.
 * `symbols`: definitions by the key of their name (nameKey.ts).
 * `entries`: what a view (0: the live tree, others: a commit's) has at a path; `contentId` is null where `reason` tells
 *   why the file was left out.
 */
const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE contents (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, nLines INTEGER NOT NULL);
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, contentId INTEGER NOT NULL, startLine INTEGER NOT NULL, endLine INTEGER NOT NULL,
  nTerms INTEGER NOT NULL
);
CREATE INDEX chunksByContent ON chunks (contentId);
CREATE VIRTUAL TABLE chunkTerms USING fts5(
  terms, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_$'"
);
CREATE TABLE symbols (
  nameKey INTEGER NOT NULL, contentId INTEGER NOT NULL, startLine INTEGER NOT NULL, endLine INTEGER NOT NULL,
  PRIMARY KEY (nameKey, contentId, startLine)
) WITHOUT ROWID;
CREATE INDEX symbolsByContent ON symbols (contentId);
CREATE TABLE views (id INTEGER PRIMARY KEY, commitId TEXT UNIQUE, isComplete INTEGER NOT NULL, usedAtMs INTEGER NOT NULL);
CREATE TABLE entries (
  view INTEGER NOT NULL, folder TEXT NOT NULL, name TEXT NOT NULL,
  contentId INTEGER, sizeBytes INTEGER NOT NULL, mtimeMs REAL NOT NULL, reason TEXT,
  PRIMARY KEY (view, folder, name)
) WITHOUT ROWID;
CREATE INDEX entriesByContent ON entries (contentId, view);
`;

export interface OpenedIndex {
  readonly db: Database;
  /** Why an older file was thrown away; undefined when there was none or it was good. */
  readonly rebuiltBecause: string | undefined;
}

/**
 * Opens the index for writing. It is derived state: whatever is wrong with it, it is deleted and made empty; only what
 * another process has in use, or the system does not let us write, stays.
 * @throws IdiomError `diskFull` or `notPermitted` when not even an empty one can be made, `storeUnusable` while another
 *   process keeps it.
 */
export function openIndex(path: string): OpenedIndex {
  let rebuiltBecause: string;
  try {
    const db = openDatabase({ path });
    const problem = problemOf(db);
    if (problem === undefined) return { db, rebuiltBecause: undefined };
    if (problem === 'empty') return { db: makeTables(db), rebuiltBecause: undefined };
    rebuiltBecause = problem;
    db.dispose();
  } catch (error) {
    if (isOfOthers(error)) throw error;
    rebuiltBecause = error instanceof Error ? error.message : String(error);
  }
  deleteIndex(path);
  return { db: makeTables(openDatabase({ path })), rebuiltBecause };
}

/** Several processes may find the file empty at the same time; one makes the tables. */
function makeTables(db: Database): Database {
  try {
    // Must stand before the first table: https://www.sqlite.org/pragma.html#pragma_auto_vacuum
    db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM;');
    db.transaction(() => {
      if (problemOf(db) !== 'empty') return;
      db.exec(schema);
      db.run("INSERT INTO meta VALUES ('version', ?)", indexVersion);
      db.run('INSERT INTO views VALUES (0, NULL, 0, 0)');
    });
    return db;
  } catch (error) {
    db.dispose();
    throw explainDatabaseError(error, db.path);
  }
}

/** Opens the index for reading; undefined when there is none of this version yet, or it is broken. */
export function openIndexForReading(path: string): Database | undefined {
  let db: Database | undefined;
  try {
    db = openDatabase({ path, isReadOnly: true, busyTimeoutMs: 20 });
    db.exec('PRAGMA cache_size = -8000');
    if (versionOf(db) === indexVersion) return db;
  } catch {
    // The writer makes it again; until then there is none.
  }
  db?.dispose();
  return undefined;
}

export function deleteIndex(path: string): void {
  for (const suffix of ['-wal', '-shm', '']) rmSync(path + suffix, { force: true });
}

/** Result codes that mean a broken file: https://www.sqlite.org/rescode.html (11 CORRUPT, 26 NOTADB), extended codes too. */
export function isCorruption(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' && ((code & 0xff) === 11 || (code & 0xff) === 26);
}

/** Codes 5 BUSY and 6 LOCKED, and what openDatabase says of a disk that is full or write-protected. */
function isOfOthers(error: unknown): boolean {
  const { code, errcode, cause } = error as { code?: unknown; errcode?: unknown; cause?: unknown };
  if (code === 'diskFull' || code === 'notPermitted') return true;
  const resultCode = errcode ?? (cause as { errcode?: unknown } | undefined)?.errcode;
  return typeof resultCode === 'number' && [5, 6].includes(resultCode & 0xff);
}

function problemOf(db: Database): string | undefined {
  const nTables = db.get<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema')?.n ?? 0;
  if (nTables === 0) return 'empty';
  const version = versionOf(db);
  if (version !== indexVersion) return `it has version ${version ?? 'none'} instead of ${indexVersion}`;
  const check = db.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check;
  return check === 'ok' ? undefined : `it is corrupt: ${check ?? 'unknown'}`;
}

function versionOf(db: Database): number | undefined {
  try {
    return db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'version'")?.value;
  } catch {
    return undefined;
  }
}
