/** Tells when a person has really waited for a suggestion: most requests are over, or replaced, before anybody notices. */

import type { Clock } from './clock.ts';
import type { Disposable } from 'vscode';

/** The spinner of a status item that starts with each key is noise; after this time a person wonders. */
const showAfterMs = 500;

export class Waiting implements Disposable {
  readonly #clock: Clock;
  readonly #onChange: (isWaiting: boolean) => void;
  #nOpen = 0;
  #timer: Disposable | undefined;
  #isShown = false;

  constructor(clock: Clock, onChange: (isWaiting: boolean) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Until the returned function is called, a request is open. A newer one takes its place and its waiting begins anew. */
  begin(): () => void {
    this.#nOpen++;
    this.#restart();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#nOpen--;
      if (this.#nOpen === 0) this.dispose();
    };
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#show(false);
  }

  #restart(): void {
    this.#timer?.dispose();
    this.#timer = this.#clock.setTimer(showAfterMs, () => this.#show(true));
  }

  #show(isShown: boolean): void {
    if (isShown === this.#isShown) return;
    this.#isShown = isShown;
    this.#onChange(isShown);
  }
}
