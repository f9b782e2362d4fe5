/** How many threads compute, from the processor time that they get. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThreadGovernor } from '../../../server/llama/threadGovernor.ts';

/** One window a second; `busy` tells for each how many cores were free for us: threads beyond that wait. */
function check(maxThreads: number, freeCores: readonly number[], expected: readonly number[]): void {
  const governor = createThreadGovernor(maxThreads);
  const seen = freeCores.map((free, i) => {
    const cpuMs = Math.min(free, governor.nThreads) * 200;
    governor.observe({ wallMs: 200, cpuMs, nowMs: i * 1000 });
    return governor.nThreads;
  });
  assert.deepEqual(seen, expected);
}

test('a quiet machine: all threads', () => check(4, [4, 4, 4], [4, 4, 4]));
test('a busy one: as many as get a core', () => check(4, [2.2, 2.2], [2, 2]));
test('a very busy one: one', () => check(4, [0.4, 0.4, 0.4, 0.4], [1, 1, 1, 1]));
test('a little less is no reason', () => check(4, [3.2, 3.2], [4, 4]));
test('quiet again: one more every two seconds', () =>
  check(3, [0.5, 3, 3, 3, 3, 3, 3], [1, 1, 2, 2, 3, 3, 3]));
test('a trial that fails is repeated later and later', () =>
  check(2, Array<number>(16).fill(1), [1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1]));
test('one thread stays one', () => check(1, [0.1, 1], [1, 1]));

test('short work is summed up before it is judged', () => {
  const governor = createThreadGovernor(2);
  for (let i = 0; i < 4; i++) governor.observe({ wallMs: 20, cpuMs: 10, nowMs: i });
  assert.equal(governor.nThreads, 2);
  governor.observe({ wallMs: 20, cpuMs: 10, nowMs: 5 });
  assert.equal(governor.nThreads, 1);
});
