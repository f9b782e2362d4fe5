/** Waiting for a condition with a deadline, in tests of real processes; unit tests inject a clock instead. */

import { setTimeout as wait } from 'node:timers/promises';

const pollMs = 50;

/**
 * Polls until `probe` returns something that is neither undefined nor false, and returns that.
 * @throws Error naming `what`, and the last thing that `probe` threw, once `deadlineMs` have passed.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 30_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > end) {
      throw new Error(`Waited ${deadlineMs} ms in vain for ${what}.`, { cause: lastError });
    }
    await wait(pollMs);
  }
}
