/** The one door to SQLite: opens a database file with the settings that all of ours share. */

import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Disposable } from '../base/disposable.ts';
import { explainFileError, IdiomError } from '../base/errors.ts';

export type SqlValue = SQLInputValue;
export type SqlRow = Record<string, SQLOutputValue>;

/** The narrow part of SQLite that the project uses; statements are prepared once and kept. */
export interface Database extends Disposable {
  readonly path: string;
  exec(sql: string): void;
  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number };
  get<T extends SqlRow>(sql: string, ...values: SqlValue[]): T | undefined;
  all<T extends SqlRow>(sql: string, ...values: SqlValue[]): T[];
  /** Runs `body` in one transaction (BEGIN IMMEDIATE); rolls back when it throws. Nested calls join the outer one. */
  transaction<T>(body: () => T): T;
}

export interface OpenOptions {
  readonly path: string;
  /** How long to wait for another process's write, in milliseconds. */
  readonly busyTimeoutMs?: number;
  readonly isReadOnly?: boolean;
}

/**
 * Opens or creates the file (mode 0600, WAL, foreign keys on).
 * @throws IdiomError `storeUnusable` when it is no database or can't be opened, `diskFull` or `notPermitted` on those faults.
 */
export function openDatabase(options: OpenOptions): Database {
  const { path } = options;
  try {
    if (path !== ':memory:' && options.isReadOnly !== true) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    }
    const db = new DatabaseSync(path, {
      readOnly: options.isReadOnly ?? false,
      timeout: options.busyTimeoutMs ?? 5000,
      enableForeignKeyConstraints: true,
    });
    try {
      if (options.isReadOnly !== true) {
        if (path !== ':memory:') chmodSync(path, 0o600);
        db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      }
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
    } catch (error) {
      db.close();
      throw error;
    }
    return wrap(db, path);
  } catch (error) {
    throw explainDatabaseError(error, path);
  }
}

/** Moves a database that can't be used out of the way, with its WAL, and tells where it lies now. Nothing is deleted. */
export function setDatabaseAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-');
  const aside = `${path}.unusable-${stamp}`;
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function wrap(db: DatabaseSync, path: string): Database {
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  let depth = 0;
  function statement(sql: string) {
    let found = statements.get(sql);
    if (found === undefined) {
      found = db.prepare(sql);
      statements.set(sql, found);
    }
    return found;
  }
  function transaction<T>(body: () => T): T {
    if (depth > 0) return body();
    db.exec('BEGIN IMMEDIATE');
    depth++;
    try {
      const result = body();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    } finally {
      depth--;
    }
  }
  return {
    path,
    exec: (sql) => db.exec(sql),
    run(sql, ...values) {
      const result = statement(sql).run(...values);
      return { changes: Number(result.changes), lastId: Number(result.lastInsertRowid) };
    },
    get: <T extends SqlRow>(sql: string, ...values: SqlValue[]) =>
      statement(sql).get(...values) as T | undefined,
    all: <T extends SqlRow>(sql: string, ...values: SqlValue[]) => statement(sql).all(...values) as T[],
    transaction,
    dispose() {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}

/** SQLite primary result codes, https://www.sqlite.org/rescode.html */
const resultCodes = { busy: 5, readOnly: 8, corrupt: 11, full: 13, notADatabase: 26 } as const;

function resultCodeOf(error: unknown): number | undefined {
  const extended = (error as { errcode?: number } | null)?.errcode;
  return extended === undefined ? undefined : extended & 0xff;
}

/** Whether the file's content is at fault, so that another try can't help; looks into IdiomError's cause too. */
export function isCorruption(error: unknown): boolean {
  const code = resultCodeOf(error) ?? resultCodeOf((error as { cause?: unknown } | null)?.cause);
  return code === resultCodes.corrupt || code === resultCodes.notADatabase;
}

/** A database fault as an IdiomError with a sentence; an IdiomError passes through. */
export function explainDatabaseError(error: unknown, path: string): Error {
  if (error instanceof IdiomError) return error;
  const message = error instanceof Error ? error.message : String(error);
  switch (resultCodeOf(error)) {
    case undefined:
      return explainFileError(error, path);
    case resultCodes.full:
      return explainFileError({ code: 'ENOSPC' }, path);
    case resultCodes.readOnly:
      return explainFileError({ code: 'EROFS' }, path);
    case resultCodes.busy:
      return new IdiomError('storeUnusable', `The database ${path} is in use by another program.`, {
        remedy: 'Close that program, then try again.',
        cause: error,
      });
    default:
      return new IdiomError('storeUnusable', `The database ${path} can't be used: ${message}.`, {
        remedy: 'Check that the file and its folder can be read and written.',
        cause: error,
      });
  }
}
