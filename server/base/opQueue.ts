/** One operation running, at most one waiting; a newer request replaces the one that waits. */

export interface Op {
  /** Why it runs, for logs and the dashboard. */
  readonly cause: string;
  run(): Promise<void>;
}

/** Runs operations one after the other; of several that come while one runs, only the newest is kept. */
export class OpQueue {
  #running: Op | undefined;
  #pending: Op | undefined;
  #idle: Promise<void> = Promise.resolve();
  readonly #onError: (error: unknown, cause: string) => void;

  constructor(onError: (error: unknown, cause: string) => void) {
    this.#onError = onError;
  }

  get runningCause(): string | undefined {
    return this.#running?.cause;
  }

  /** Starts `op`, or lets it wait in place of an operation that already waits. */
  request(op: Op): void {
    this.#pending = op;
    if (this.#running === undefined) this.#idle = this.#drain();
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    return this.#idle;
  }

  async #drain(): Promise<void> {
    for (let op = this.#take(); op !== undefined; op = this.#take()) {
      this.#running = op;
      try {
        await op.run();
      } catch (error) {
        this.#onError(error, op.cause);
      } finally {
        this.#running = undefined;
      }
    }
  }

  #take(): Op | undefined {
    const op = this.#pending;
    this.#pending = undefined;
    return op;
  }
}
