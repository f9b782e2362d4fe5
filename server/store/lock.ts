/** A lock between processes that the operating system frees when its holder dies, so that none can be stale. */

import { accessSync, chmodSync, constants, mkdirSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { explainFileError, IdiomError } from '../base/errors.ts';

/** Keeps the handles reachable: a collected one would be closed, and the lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the exclusive lock on `path`, or returns undefined at once when another process (or this one) holds it.
 * It is held until disposed or until the process ends, however it ends, SIGKILL and power loss included.
 * The file stays empty and stays there: its existence means nothing, and it must not be deleted by anyone.
 *
 * How: an exclusive SQLite transaction that never writes, so the lock is the kernel's (fcntl or LockFileEx):
 * https://www.sqlite.org/lockingv3.html section 3. Worth only as much as the file system's locks, hence a local folder.
 * @throws IdiomError `notPermitted`, `diskFull` or `storeUnusable` when the file can't be made or locked at all.
 */
export function acquireLock(path: string): Disposable | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return lockFile(path);
  } catch (error) {
    if (error instanceof IdiomError) throw error;
    throw explainLockError(error, path);
  }
}

function lockFile(path: string, isRetry = false): Disposable | undefined {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // SQLite quietly opens a file that it may not write, and then BEGIN EXCLUSIVE would lock nothing.
    accessSync(path, constants.W_OK);
    chmodSync(path, 0o600);
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    db.close();
    if (resultCode(error) === sqliteBusy) return undefined;
    if (resultCode(error) !== sqliteNotADatabase || isRetry) throw error;
    // Something wrote into the file. Nobody can hold a lock on it then, and emptying it twice does no harm.
    truncateSync(path);
    return lockFile(path, true);
  }
  held.add(db);
  return toDisposable(() => {
    held.delete(db);
    db.close();
  });
}

/** Primary result codes: https://www.sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

function resultCode(error: unknown): number | undefined {
  const extended = (error as { errcode?: number }).errcode;
  return extended === undefined ? undefined : extended & 0xff;
}

function explainLockError(error: unknown, path: string): Error {
  const code = resultCode(error);
  if (code === undefined) return explainFileError(error, path);
  if (code === sqliteReadOnly || code === sqliteCannotOpen) return explainFileError({ code: 'EACCES' }, path);
  return new IdiomError(
    'storeUnusable',
    `The lock file ${path} can't be locked: ${(error as Error).message}.`,
    {
      remedy: 'Set IDIOM_HOME to a folder on a local disk.',
      cause: error,
    },
  );
}
