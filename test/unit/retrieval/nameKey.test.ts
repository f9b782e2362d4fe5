/** The key of a name against the published test vectors of FNV-1a: https://datatracker.ietf.org/doc/draft-eastlake-fnv/ */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey } from '../../../server/retrieval/nameKey.ts';

test('keys are those of FNV-1a', () => {
  const keys = ['', 'a', 'foobar'].map((name) => (nameKey(name) >>> 0).toString(16));
  assert.deepEqual(keys, ['811c9dc5', 'e40c292c', 'bf9cf968']);
});
