/** Which request runs next: one at a time, newest foreground first. Sends nothing itself. */

export interface Queued {
  readonly priority: 'foreground' | 'background';
}

/** At most one request runs; `start` is called when one's turn comes, `interrupt` when it must give way. */
export class RequestQueue<T extends Queued> {
  readonly #start: (request: T) => void;
  readonly #interrupt: (request: T) => void;
  #waiting: T[] = [];
  #running: T | undefined;

  constructor(options: { start: (request: T) => void; interrupt: (request: T) => void }) {
    this.#start = options.start;
    this.#interrupt = options.interrupt;
  }

  get running(): T | undefined {
    return this.#running;
  }

  add(request: T): void {
    this.#waiting.push(request);
    if (this.#running === undefined) this.#startNext();
    else if (request.priority === 'foreground' && this.#running.priority === 'background') {
      this.#interrupt(this.#running);
    }
  }

  /** Forgets a request that waits; false when it does not wait (any more). */
  remove(request: T): boolean {
    const isWaiting = this.#waiting.includes(request);
    this.#waiting = this.#waiting.filter((other) => other !== request);
    return isWaiting;
  }

  /** The running request has ended; the next one starts. */
  finish(request: T): void {
    if (this.#running !== request) return;
    this.#running = undefined;
    this.#startNext();
  }

  /** Empties the queue and returns all that was in it. */
  clear(): T[] {
    const all = [...(this.#running === undefined ? [] : [this.#running]), ...this.#waiting];
    this.#running = undefined;
    this.#waiting = [];
    return all;
  }

  #startNext(): void {
    const next = this.#waiting.findLast((r) => r.priority === 'foreground') ?? this.#waiting.at(-1);
    if (next === undefined) return;
    this.remove(next);
    this.#running = next;
    this.#start(next);
  }
}
