/** A lock between processes that the system releases by itself when its holder dies, however it dies. */

import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../../server/store/database.ts';

const pollMs = 500;

/**
 * Runs `body` while no other process holds the lock at `path` (a small SQLite file, whose write lock it is).
 * Says so once when it has to wait.
 */
export async function withFileLock(
  path: string,
  say: (line: string) => void,
  body: () => Promise<void>,
): Promise<void> {
  const database = openDatabase({ path, busyTimeoutMs: 0 });
  try {
    for (let tries = 0; !tryTake(() => database.exec('BEGIN IMMEDIATE')); tries++) {
      if (tries === 0) say('Another run is installing it; waiting for that ...');
      await wait(pollMs);
    }
    await body();
  } finally {
    database.dispose();
  }
}

/** 5 is SQLITE_BUSY, https://www.sqlite.org/rescode.html */
function tryTake(begin: () => void): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === 5) return false;
    throw error;
  }
}
