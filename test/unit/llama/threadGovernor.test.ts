/** How many threads compute, from the processor time that they get and that nobody wants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThreadGovernor } from '../../../server/llama/threadGovernor.ts';
import type { ThreadGovernor } from '../../../server/llama/threadGovernor.ts';

/** A machine of so many cores, `free` of which are left by others; threads beyond them wait. */
class Machine {
  free: number;
  readonly governor: ThreadGovernor;
  readonly #now = { nowMs: 0, ownMs: 0, idleMs: 0 };

  constructor(maxThreads: number, free: number, seesIdle = true, reach = Infinity) {
    this.free = free;
    this.#reach = reach;
    this.governor = createThreadGovernor(maxThreads, {
      nowMs: () => this.#now.nowMs,
      ownMs: () => this.#now.ownMs,
      idleMs: () => (seesIdle ? this.#now.idleMs : undefined),
    });
  }

  /** Cores of the machine that this process may use. */
  readonly #reach: number;

  work(ms: number): void {
    this.governor.begin();
    const used = Math.min(this.free, this.governor.nThreads, this.#reach);
    this.pass(ms, used);
    this.governor.end();
  }

  pass(ms: number, used = 0): void {
    this.#now.nowMs += ms;
    this.#now.ownMs += used * ms;
    this.#now.idleMs += Math.max(0, this.free - used) * ms;
  }
}

/** 200 ms of work each `stepMs`; `free` tells for each step how many cores others leave. Threads after each step. */
function check(
  maxThreads: number,
  free: readonly number[],
  expected: readonly number[],
  { stepMs = 250, seesIdle = true, reach = Infinity } = {},
): void {
  const machine = new Machine(maxThreads, 0, seesIdle, reach);
  const seen = free.map((cores) => {
    machine.free = cores;
    machine.work(200);
    machine.pass(stepMs - 200);
    return machine.governor.nThreads;
  });
  assert.deepEqual(seen, expected);
}
const ten = (value: number): number[] => Array<number>(10).fill(value);

test('a quiet machine: all threads', () => check(4, [4, 4, 4], [4, 4, 4]));
test('a busy one: as many as get a core', () => check(4, [2.2, 2.2], [2, 2]));
test('a very busy one: one', () => check(4, [0.4, 0.4, 0.4, 0.4], [1, 1, 1, 1]));
test('a little less is no reason', () => check(4, [3.2, 3.2], [4, 4]));
test('quiet again: all within a second', () => check(4, [0.5, 4, 4], [1, 4, 4]));
test('two minutes of work elsewhere make the way back no longer', () =>
  check(2, [...Array<number>(480).fill(1), 1.7, 1.7, 1.7], [...Array<number>(480).fill(1), 2, 2, 2]));
test('others that take half of a core keep it', () => check(2, ten(1.35), ten(1)));
test('one thread stays one', () => check(1, [0.1, 1], [1, 1]));

test('where free cores are not seen, one more is tried, later and later', () =>
  check(2, Array<number>(14).fill(1), [1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1], {
    stepMs: 1000,
    seesIdle: false,
  }));
test('in a container with one core of two, free cores are tried less and less', () => {
  const machine = new Machine(2, 2, true, 1);
  let nTrials = 0;
  for (let i = 0; i < 240; i++) {
    const before = machine.governor.nThreads;
    machine.work(200);
    machine.pass(50);
    if (machine.governor.nThreads > before) nTrials++;
  }
  assert.ok(nTrials >= 3 && nTrials <= 9, `${nTrials} trials in a minute`);
});

test('short work is summed up before it is judged', () => {
  const machine = new Machine(2, 0.5);
  for (let i = 0; i < 4; i++) machine.work(20);
  assert.equal(machine.governor.nThreads, 2);
  machine.work(20);
  assert.equal(machine.governor.nThreads, 1);
});
