/** The settings that hold for the whole daemon; the editor that spoke last decides. */

import type { Settings } from '../../protocol/settings.ts';
import { Emitter } from '../base/emitter.ts';
import type { Disposable } from '../base/disposable.ts';

export class MachineSettings {
  readonly #changes = new Emitter<Settings>();
  #value: Settings;

  constructor(initial: Settings) {
    this.#value = initial;
  }

  get value(): Settings {
    return this.#value;
  }

  set(value: Settings): void {
    this.#value = value;
    this.#changes.fire(value);
  }

  onChange(listener: (value: Settings) => void): Disposable {
    return this.#changes.on(listener);
  }
}
