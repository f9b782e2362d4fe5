/** Chooses how many threads compute, from the processor time that they get and that nobody wants. Sets nothing itself. */

export interface ThreadGovernor {
  readonly nThreads: number;
  /** Native work begins. */
  begin(): void;
  /** The work that began last has ended. */
  end(): void;
}

/** What the governor reads; all in milliseconds, each counted from any moment on. */
export interface ProcessorProbe {
  nowMs(): number;
  /** Processor time of this process. */
  ownMs(): number;
  /** Time in which cores of this machine had nothing to do, summed over the cores; undefined where it can't be read. */
  idleMs(): number | undefined;
}

/** Work is judged over at least this much of it; a token of a small model takes 15 to 30 ms. */
const windowMs = 100;
/** Threads that get less of the processor than this wait for one another most of the time. */
const minUse = 0.7;
/** Where free cores can't be seen, threads that get this much are joined by one more, to see. */
const goodUse = 0.93;
/** So much of a core must be free for one thread more. */
const minFreeCores = 0.6;
const minRaiseAfterMs = 250;
const minBlindRaiseAfterMs = 2000;
const maxRaiseAfterMs = 60_000;

/**
 * llama.cpp's threads meet at a barrier after each operation and spin there, so when other programs want the cores as well,
 * more threads are slower: on two busy cores two threads decoded 5 tokens a second and one thread 33. This lowers the number
 * as soon as the threads get too little, and raises it when cores have been free, within a second. A raise that does
 * not hold is repeated ever less often: in a container, cores that seem free may be out of reach.
 */
export function createThreadGovernor(maxThreads: number, probe: ProcessorProbe): ThreadGovernor {
  let nThreads = maxThreads;
  let sum = { wallMs: 0, ownMs: 0, idleMs: 0, isIdleKnown: true };
  let from = { nowMs: 0, ownMs: 0, idleMs: undefined as number | undefined };
  let changedAtMs = -Infinity;
  let backOff = 1;
  let isTrial = false;

  /** Reading the load of many cores takes a while, so it is read only while it matters. */
  const read = () => ({
    nowMs: probe.nowMs(),
    ownMs: probe.ownMs(),
    idleMs: nThreads < maxThreads ? probe.idleMs() : undefined,
  });

  function judge(nBusy: number, nFree: number | undefined, nowMs: number): void {
    if (nThreads > 1 && nBusy < nThreads * minUse) {
      backOff = isTrial ? backOff * 2 : backOff;
      return change(Math.max(1, Math.min(nThreads - 1, Math.floor(nBusy))), nowMs, false);
    }
    if (isTrial) backOff = 1;
    isTrial = false;
    const firstMs = nFree === undefined ? minBlindRaiseAfterMs : minRaiseAfterMs;
    const isTime = nowMs - changedAtMs >= Math.min(maxRaiseAfterMs, firstMs * backOff);
    const isWorthIt = nFree === undefined ? nBusy >= nThreads * goodUse : nFree >= minFreeCores;
    if (nThreads === maxThreads || !isTime || !isWorthIt) return;
    change(Math.min(maxThreads, nThreads + Math.max(1, Math.floor(nFree ?? 1))), nowMs, true);
  }

  function change(to: number, nowMs: number, isUp: boolean): void {
    nThreads = to;
    changedAtMs = nowMs;
    isTrial = isUp;
  }

  return {
    get nThreads() {
      return nThreads;
    },
    begin() {
      from = read();
    },
    end() {
      const to = read();
      const isIdleKnown = from.idleMs !== undefined && to.idleMs !== undefined;
      sum = {
        wallMs: sum.wallMs + to.nowMs - from.nowMs,
        ownMs: sum.ownMs + to.ownMs - from.ownMs,
        idleMs: sum.idleMs + (isIdleKnown ? (to.idleMs ?? 0) - (from.idleMs ?? 0) : 0),
        isIdleKnown: sum.isIdleKnown && isIdleKnown,
      };
      if (sum.wallMs < windowMs) return;
      const { wallMs, ownMs, idleMs } = sum;
      const nFree = sum.isIdleKnown ? idleMs / wallMs : undefined;
      sum = { wallMs: 0, ownMs: 0, idleMs: 0, isIdleKnown: true };
      judge(ownMs / wallMs, nFree, to.nowMs);
    },
  };
}
