/** The settings that the daemon gets with and without workspace trust. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTrust } from '../../../extension/trustedConfiguration.ts';
import { readSettings } from '../../../protocol/settings.ts';

function check(value: unknown, isTrusted: boolean, expected: unknown, isOffForUser = false): void {
  assert.deepEqual(withTrust(value, isTrusted, isOffForUser), expected);
}

test('trusted: as the user made them', () =>
  check({ enabled: true, learning: { enabled: true } }, true, {
    enabled: true,
    learning: { enabled: true },
    isTrusted: true,
  }));
test("trusted, but off in the user's own settings: a workspace does not switch it on", () =>
  check({ learning: { enabled: true } }, true, { learning: { enabled: false }, isTrusted: true }, true));
test('not trusted: learning is off', () =>
  check({ gpu: 'off', learning: { enabled: true, other: 1 } }, false, {
    gpu: 'off',
    learning: { enabled: false, other: 1 },
    isTrusted: false,
  }));
test('not trusted, with no word on learning', () =>
  check({}, false, { learning: { enabled: false }, isTrusted: false }));
test('nothing to change', () => check(null, false, null));

test('a flat name does not get around it', () => {
  const { settings } = readSettings(withTrust({ 'learning.enabled': true }, false));
  assert.equal(settings['learning.enabled'], false);
});
