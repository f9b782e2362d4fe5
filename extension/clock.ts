/** Time as a value that is passed in; the part of a clock that the extension needs. */

export interface Clock {
  /** Monotonic time in milliseconds. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; disposing cancels. */
  setTimer(delayMs: number, callback: () => void): { dispose(): void };
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { dispose: () => clearTimeout(timer) };
  },
};
