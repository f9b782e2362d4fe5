/** What all loops of a daemon share: the machine's power, how long the editors were left alone, and whose turn it is to compute. */

import { onAbort } from '../base/abort.ts';
import { delay } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { PowerSource } from './power.ts';

export interface MachineProps {
  readonly clock: Clock;
  readPower(): Promise<PowerSource>;
  /** Keeps other processes of this user from training meanwhile; undefined when one of them does. */
  takeLock(): Disposable | undefined;
}

/** A training goes on this long after the last suggestion was computed. */
export const holdMs = 1500;
const powerEveryMs = 30_000;
const lockRetryMs = 5000;

export class Machine implements Disposable {
  readonly #props: MachineProps;
  readonly #changes = new Emitter<undefined>();
  /** In the order in which they came; the first one has the turn. */
  readonly #queue: { readonly name: string; begin: () => void }[] = [];
  #power: PowerSource = 'mains';
  #lastActivityMs: number;
  #nCompleting = 0;
  #isHeld = false;
  #holdTimer: Disposable | undefined;
  #powerTimer: Disposable | undefined;
  #isDisposed = false;

  constructor(props: MachineProps) {
    this.#props = props;
    this.#lastActivityMs = props.clock.monotonicMs();
    void this.#watchPower();
  }

  get power(): PowerSource {
    return this.#power;
  }

  /** Since the last keystroke or request in any editor. */
  get idleMs(): number {
    return this.#props.clock.monotonicMs() - this.#lastActivityMs;
  }

  /** A suggestion is being computed, or was a moment ago: whatever else computes should hold. */
  get isCompleting(): boolean {
    return this.#nCompleting > 0 || this.#isHeld;
  }

  /** Fires when power or `isCompleting` may have changed. */
  onChange(listener: () => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Somebody typed. */
  noteActivity(): void {
    this.#lastActivityMs = this.#props.clock.monotonicMs();
  }

  /** A suggestion is being computed until disposed. */
  complete(): Disposable {
    this.noteActivity();
    this.#nCompleting++;
    this.#holdTimer?.dispose();
    this.#isHeld = true;
    this.#changes.fire(undefined);
    return toDisposable(() => {
      this.#nCompleting--;
      if (this.#nCompleting > 0) return;
      this.#holdTimer = this.#props.clock.setTimer(holdMs, () => {
        this.#isHeld = false;
        this.#changes.fire(undefined);
      });
    });
  }

  /** Resolves when no suggestion is being computed. @throws the signal's reason when aborted. */
  async whenQuiet(signal: AbortSignal): Promise<void> {
    if (!this.isCompleting) return signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const subscriptions = [this.onChange(() => !this.isCompleting && resolve()), onAbort(signal, resolve)];
    await promise;
    for (const subscription of subscriptions) subscription.dispose();
    signal.throwIfAborted();
  }

  /** Who computes, beside `name`; undefined when the turn is free. */
  busyWith(name: string): string | undefined {
    return this.#queue.find((each) => each.name !== name)?.name;
  }

  /** Resolves when it is the caller's turn to compute; dispose to pass it on. @throws the signal's reason when aborted. */
  async takeTurn(name: string, signal: AbortSignal): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const place = { name, begin: resolve };
    this.#queue.push(place);
    if (this.#queue[0] === place) resolve();
    const subscription = onAbort(signal, resolve);
    try {
      await promise;
      signal.throwIfAborted();
      const lock = await this.#waitForLock(signal);
      return toDisposable(() => {
        lock.dispose();
        this.#leave(place);
      });
    } catch (error) {
      this.#leave(place);
      throw error;
    } finally {
      subscription.dispose();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#holdTimer?.dispose();
    this.#powerTimer?.dispose();
  }

  async #waitForLock(signal: AbortSignal): Promise<Disposable> {
    for (;;) {
      const lock = this.#props.takeLock();
      if (lock !== undefined) return lock;
      await delay(this.#props.clock, lockRetryMs, signal);
    }
  }

  #leave(place: { begin: () => void }): void {
    const at = this.#queue.findIndex((each) => each === place);
    if (at >= 0) this.#queue.splice(at, 1);
    this.#queue[0]?.begin();
  }

  async #watchPower(): Promise<void> {
    const power = await this.#props.readPower();
    if (this.#isDisposed) return;
    const isNew = power !== this.#power;
    this.#power = power;
    if (isNew) this.#changes.fire(undefined);
    this.#powerTimer = this.#props.clock.setTimer(powerEveryMs, () => void this.#watchPower());
  }
}
