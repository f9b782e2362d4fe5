/** When to try again after the daemon was lost. Arithmetic only; supervisor.ts holds the timers. */

export interface ReconnectState {
  /** Attempts that failed, or links that broke early, one after another. */
  readonly nFailures: number;
}

export const freshStart: ReconnectState = { nFailures: 0 };

/** A link that lived this long was a good one: what follows is a new trouble, not the same. */
export const steadyAfterMs = 10_000;

/** From this many failures in a row the status bar tells of an error; trying goes on. */
export const failuresUntilError = 3;

const firstDelayMs = 100;
const longestDelayMs = 30_000;

/** The state after a link ended or could not be made; `aliveMs` is 0 for the latter. */
export function afterLoss(state: ReconnectState, aliveMs: number): ReconnectState {
  return { nFailures: aliveMs >= steadyAfterMs ? 1 : state.nFailures + 1 };
}

/** Milliseconds to wait before the next attempt: 100, then twice as long each time, at most 30 s. */
export function reconnectDelayMs(state: ReconnectState): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, state.nFailures - 1));
}
