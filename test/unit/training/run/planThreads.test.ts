/** How many threads compute a training, by what was asked for and what the machine has. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planThreads } from '../../../../server/training/run/planThreads.ts';

function check(what: string, [threads, nProcessors]: readonly [number, number], expected: number[]): void {
  test(what, () => assert.deepEqual(planThreads(threads, nProcessors), expected));
}

check('one processor', [0, 1], [1]);
check('two processors', [0, 2], [1, 1]);
check('four processors are taken for cores', [0, 4], [2, 2]);
check('of more, half are', [0, 16], [4, 4]);
check('one thread is asked for', [1, 16], [1]);
check('three threads', [3, 16], [1, 2]);
check('more than there are, as asked', [6, 2], [3, 3]);
