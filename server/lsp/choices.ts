/** What a person has switched off for a repository, for all editors together, and what settings say with that in mind. */

import type { Settings } from '../../protocol/settings.ts';
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import type { Disposable } from '../base/disposable.ts';
import { IdiomError } from '../base/errors.ts';
import type { Ground } from '../store/ground.ts';
import type { Switch } from '../store/switchedOff.ts';

export class Choices {
  readonly #ground: Pick<Ground, 'switchedOff'> | undefined;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #changes = new Emitter<undefined>();

  /** @param ground undefined where nothing can be stored: then nothing is recorded either. */
  constructor(ground: Pick<Ground, 'switchedOff'> | undefined, clock: Pick<Clock, 'nowMs'>) {
    this.#ground = ground;
    this.#clock = clock;
  }

  onChange(listener: () => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Where a choice can't be read, as while the daemon ends, suggestions come and nothing is recorded. */
  isOff(repoId: string, what: Switch): boolean {
    try {
      return this.#ground?.switchedOff.isOff(repoId, what) === true;
    } catch {
      return what === 'learning';
    }
  }

  /** @throws IdiomError `storeUnusable` where it can't be stored. */
  set(repoId: string, what: Switch, isOff: boolean): void {
    if (this.#ground === undefined)
      throw new IdiomError('storeUnusable', 'The choice could not be stored.', {
        remedy: 'Run "idiom doctor" to see why.',
      });
    this.#ground.switchedOff.set(repoId, what, isOff, this.#clock.nowMs());
    this.#changes.fire(undefined);
  }

  /** A choice switches off and never on: what settings have off stays off. */
  apply(settings: Settings, repoId: string): Settings {
    return {
      ...settings,
      enabled: settings.enabled && !this.isOff(repoId, 'suggestions'),
      'learning.enabled': settings['learning.enabled'] && !this.isOff(repoId, 'learning'),
    };
  }
}
