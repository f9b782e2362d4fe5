/** What a person has switched off, and a store that can't be read. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings } from '../../../protocol/settings.ts';
import { Choices } from '../../../server/lsp/choices.ts';
import type { Switch } from '../../../server/store/switchedOff.ts';

/** `expected`: whether suggestions come and outcomes are recorded. */
function check(name: string, isOff: (what: Switch) => boolean, expected: readonly [boolean, boolean]): void {
  test(name, () => {
    const switchedOff = {
      isOff: (_repoId: string, what: Switch) => isOff(what),
      set: () => undefined,
    } as unknown as NonNullable<ConstructorParameters<typeof Choices>[0]>['switchedOff'];
    const choices = new Choices({ switchedOff }, { nowMs: () => 0 });
    const settings = choices.apply(defaultSettings, 'repo');
    assert.deepEqual([settings.enabled, settings['learning.enabled']], expected);
  });
}

check('nothing is off', () => false, [true, true]);
check('learning is off', (what) => what === 'learning', [true, false]);
check('suggestions are off', (what) => what === 'suggestions', [false, true]);
check(
  'the store is closed: suggestions come, nothing is recorded',
  () => {
    throw new Error('database is not open');
  },
  [true, false],
);
