/** No suggestions in this window for some minutes; then they come back by themselves. */

import { commands, window } from 'vscode';
import type { Disposable } from 'vscode';
import type { Clock } from './clock.ts';

const contextKey = 'idiom.isSnoozed';
const choicesMinutes: readonly number[] = [5, 15, 30, 60, 240];
const minuteMs = 60_000;

export class Snooze implements Disposable {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #untilMs: number | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Whole minutes, rounded up; undefined while suggestions come. */
  get minutesLeft(): number | undefined {
    if (this.#untilMs === undefined) return undefined;
    return Math.max(1, Math.ceil((this.#untilMs - this.#clock.monotonicMs()) / minuteMs));
  }

  /** Asks for how long. */
  async ask(): Promise<void> {
    const choice = await window.showQuickPick(
      choicesMinutes.map((minutes) => ({ label: readableMinutes(minutes), minutes })),
      { title: 'Idiom: Snooze', placeHolder: 'No suggestions in this window for' },
    );
    if (choice !== undefined) this.start(choice.minutes);
  }

  start(minutes: number): void {
    this.#timer?.dispose();
    this.#untilMs = this.#clock.monotonicMs() + minutes * minuteMs;
    this.#wait();
    this.#tell();
  }

  end(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#untilMs = undefined;
    this.#tell();
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  /** Each minute, so that what is told of the time left is true. */
  #wait(): void {
    this.#timer = this.#clock.setTimer(minuteMs, () => {
      if (this.#untilMs === undefined || this.#clock.monotonicMs() >= this.#untilMs) return this.end();
      this.#wait();
      this.#onChange();
    });
  }

  #tell(): void {
    void commands.executeCommand('setContext', contextKey, this.#untilMs !== undefined);
    this.#onChange();
  }
}

function readableMinutes(minutes: number): string {
  if (minutes < 60) return `${minutes} minutes`;
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}
