/** Chooses how many threads compute, from how much processor they really get. Sets nothing itself. */

export interface ThreadGovernor {
  readonly nThreads: number;
  /** Tells of native work: wall-clock and processor time of this process, in milliseconds. */
  observe(work: { readonly wallMs: number; readonly cpuMs: number; readonly nowMs: number }): void;
}

/** Work is judged over at least this much of it; a token of a small model takes 15 to 30 ms. */
const windowMs = 100;
/** Threads that get less of the processor than this wait for one another most of the time. */
const minUse = 0.7;
/** Threads that get this much could be joined by one more. */
const goodUse = 0.93;
const minRaiseAfterMs = 2000;
const maxRaiseAfterMs = 60_000;

/**
 * llama.cpp's threads meet at a barrier after each operation and spin there, so when other programs want the cores as well,
 * more threads are slower: on two busy cores two threads decoded 5 tokens a second and one thread 33. This lowers the number
 * as soon as the threads get too little, and tries one more after a while, ever less often when that does not hold.
 */
export function createThreadGovernor(maxThreads: number): ThreadGovernor {
  let nThreads = maxThreads;
  let sum = { wallMs: 0, cpuMs: 0 };
  let changedAtMs = -Infinity;
  let raiseAfterMs = minRaiseAfterMs;
  let isTrial = false;

  function observe(work: { wallMs: number; cpuMs: number; nowMs: number }): void {
    sum = { wallMs: sum.wallMs + work.wallMs, cpuMs: sum.cpuMs + work.cpuMs };
    if (sum.wallMs < windowMs) return;
    const nBusy = sum.cpuMs / sum.wallMs;
    sum = { wallMs: 0, cpuMs: 0 };
    if (nThreads > 1 && nBusy < nThreads * minUse) {
      raiseAfterMs = isTrial ? Math.min(maxRaiseAfterMs, raiseAfterMs * 2) : raiseAfterMs;
      change(Math.max(1, Math.min(nThreads - 1, Math.floor(nBusy))), work.nowMs);
      isTrial = false;
      return;
    }
    if (isTrial) raiseAfterMs = minRaiseAfterMs;
    isTrial = false;
    const mayRaise = nThreads < maxThreads && work.nowMs - changedAtMs >= raiseAfterMs;
    if (!mayRaise || nBusy < nThreads * goodUse) return;
    change(nThreads + 1, work.nowMs);
    isTrial = true;
  }

  function change(to: number, nowMs: number): void {
    nThreads = to;
    changedAtMs = nowMs;
  }
  return {
    get nThreads() {
      return nThreads;
    },
    observe,
  };
}
