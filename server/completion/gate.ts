/** Something that is waited for once: closed, then open for good. */

import type { Clock } from '../base/clock.ts';
import { onAbort } from '../base/abort.ts';

export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  #openedAtMs: number | undefined;

  /** Monotonic time at which it was opened; undefined while it is closed. */
  get openedAtMs(): number | undefined {
    return this.#openedAtMs;
  }

  open(clock: Clock): void {
    this.#openedAtMs ??= clock.monotonicMs();
    this.#opened.resolve();
  }

  /** Resolves when it is open. @throws AbortError when aborted before. */
  async passed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const subscription = onAbort(signal, () => reject(signal.reason));
    try {
      await Promise.race([this.#opened.promise, aborted]);
    } finally {
      subscription.dispose();
    }
  }
}
