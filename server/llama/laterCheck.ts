/** Puts a check off until the engine is left alone for a while, but not for ever. */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';

const idleMs = 20_000;
/** Somebody who types for ten minutes without a pause sees it done all the same. */
const maxWaits = 30;

export class LaterCheck implements Disposable {
  readonly #clock: Clock;
  readonly #nRequests: () => number;
  #timer: Disposable | undefined;

  /** @param nRequests that were answered so far. */
  constructor(clock: Clock, nRequests: () => number) {
    this.#clock = clock;
    this.#nRequests = nRequests;
  }

  /** In place of a check that still waits. */
  begin(check: () => Promise<void>): void {
    this.dispose();
    this.#wait(check, maxWaits);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #wait(check: () => Promise<void>, nWaits: number): void {
    const before = this.#nRequests();
    this.#timer = this.#clock.setTimer(idleMs, () => {
      if (nWaits > 1 && this.#nRequests() !== before) this.#wait(check, nWaits - 1);
      else void check();
    });
  }
}
