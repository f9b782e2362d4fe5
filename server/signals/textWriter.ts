/** Writes recorded texts in order, and a moment after they came, so that no suggestion waits while secrets are looked for. */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';

/** The answer that a text belongs to is on its way to the editor by then. */
const restMs = 50;

/** One for all editors. Kept in memory until written: what a killed process had not written yet is lost, and never half of it. */
export class TextWriter {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  get isIdle(): boolean {
    return this.#running === undefined && this.#waiting.length === 0;
  }

  /** @param write never rejects. */
  add(write: () => Promise<void>): void {
    this.#waiting.push(write);
    this.#timer ??= this.#clock.setTimer(restMs, () => void this.written());
  }

  /** Writes what waits, now; resolves when it is written. Never rejects. */
  written(): Promise<void> {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#running ??= this.#drain().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #drain(): Promise<void> {
    for (let write = this.#waiting.shift(); write !== undefined; write = this.#waiting.shift()) {
      await write();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
