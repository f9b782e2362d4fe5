/** Tracks how fast the user types and how fast the model answers, from the times of requests alone. */

/** Longer pauses are thinking, not typing. */
const maxIntervalMs = 1000;
const nKept = 20;
const minIntervals = 5;

export class TypingPace {
  #lastRequestMs: number | undefined;
  readonly #intervalsMs: number[] = [];
  readonly #modelTimesMs: number[] = [];

  /** Call on each automatic request. @param atMs monotonic time. */
  noteRequest(atMs: number): void {
    const before = this.#lastRequestMs;
    this.#lastRequestMs = atMs;
    if (before !== undefined && atMs - before <= maxIntervalMs && atMs > before) {
      keepNewest(this.#intervalsMs, atMs - before);
    }
  }

  noteModelTime(ms: number): void {
    keepNewest(this.#modelTimesMs, ms);
  }

  get typingIntervalMs(): number | undefined {
    return this.#intervalsMs.length < minIntervals ? undefined : median(this.#intervalsMs);
  }

  get modelMs(): number | undefined {
    return this.#modelTimesMs.length === 0 ? undefined : median(this.#modelTimesMs);
  }
}

function keepNewest(values: number[], value: number): void {
  values.push(value);
  if (values.length > nKept) values.shift();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
