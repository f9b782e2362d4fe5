/** Pauses a running training while suggestions are computed or the power that there is may not be used. */

import { DisposableStore } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Machine } from './machine.ts';
import { mayCompute } from './policy.ts';

/** The child, as trainerProcess.ts lends it. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

export interface YieldOptions {
  readonly machine: Machine;
  readonly training: Pausable;
  /** Asked each time; a person's own command may use the battery. */
  isBatteryAllowed(): boolean;
  /** Why it is paused now, a sentence, or undefined. */
  onPaused(why: string | undefined): void;
}

/** Dispose when the training has ended. */
export function yieldToEditor({ machine, training, isBatteryAllowed, onPaused }: YieldOptions): Disposable {
  const disposables = new DisposableStore();
  let paused: string | undefined;
  function look(): void {
    const why = machine.isCompleting
      ? 'Paused while a suggestion is computed.'
      : mayCompute({ power: machine.power, isBatteryAllowed: isBatteryAllowed() })
        ? undefined
        : 'Paused until the computer is plugged in.';
    if (why === paused) return;
    if (why === undefined) training.resume();
    else if (paused === undefined) training.pause();
    paused = why;
    onPaused(why);
  }
  disposables.add(machine.onChange(look));
  look();
  return disposables;
}
