/** Which items are chosen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadEvenly } from '../../../server/base/spreadEvenly.ts';

function check(nItems: number, n: number, ...expected: readonly number[]): void {
  test(`${n} of ${nItems}`, () =>
    assert.deepEqual(spreadEvenly([...Array.from({ length: nItems }).keys()], n), expected));
}

check(10, 5, 0, 2, 4, 6, 8);
check(10, 3, 0, 4, 7);
check(3, 5, 0, 1, 2);
check(3, 3, 0, 1, 2);
check(7, 1, 0);
check(7, 0);
check(0, 4);
