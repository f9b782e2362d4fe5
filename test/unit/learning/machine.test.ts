/** Trainings give way to suggestions and to the battery, and take turns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { toDisposable } from '../../../server/base/disposable.ts';
import { holdMs, Machine } from '../../../server/learning/machine.ts';
import type { PowerSource } from '../../../server/learning/power.ts';
import { yieldToEditor } from '../../../server/learning/yieldToEditor.ts';

interface Setting {
  readonly clock: ManualClock;
  readonly machine: Machine;
  power: PowerSource;
  isLockedElsewhere: boolean;
  nLocks: number;
}

function createSetting(): Setting {
  const clock = new ManualClock();
  const setting = { clock, power: 'mains' as PowerSource, isLockedElsewhere: false, nLocks: 0 };
  const machine = new Machine({
    clock,
    readPower: () => Promise.resolve(setting.power),
    takeLock() {
      if (setting.isLockedElsewhere) return undefined;
      setting.nLocks++;
      return toDisposable(() => setting.nLocks--);
    },
  });
  return Object.assign(setting, { machine });
}

/** What the trainer is told while things happen. */
function watch({ machine }: Setting, isBatteryAllowed = false): string[] {
  const told: string[] = [];
  const training = { pause: () => told.push('pause'), resume: () => told.push('resume') };
  yieldToEditor({ machine, training, isBatteryAllowed: () => isBatteryAllowed, onPaused: () => undefined });
  return told;
}

test('a training holds while a suggestion is computed, and a moment longer', () => {
  const setting = createSetting();
  const told = watch(setting);
  const one = setting.machine.complete();
  one.dispose();
  setting.clock.advance(holdMs - 1);
  const two = setting.machine.complete();
  setting.clock.advance(10 * holdMs);
  two.dispose();
  assert.deepEqual(told, ['pause']);
  setting.clock.advance(holdMs);
  assert.deepEqual(told, ['pause', 'resume']);
});

test('a training that begins while a suggestion is computed holds at once', () => {
  const setting = createSetting();
  setting.machine.complete();
  assert.deepEqual(watch(setting), ['pause']);
});

test('unplugged, a training holds until there is power again, unless it may use the battery', async () => {
  const setting = createSetting();
  const [careful, careless] = [watch(setting), watch(setting, true)];
  setting.power = 'battery';
  await settle();
  setting.clock.advance(30_000);
  await settle();
  assert.deepEqual([careful, careless], [['pause'], []]);
  setting.power = 'mains';
  setting.clock.advance(30_000);
  await settle();
  assert.deepEqual([careful, careless], [['pause', 'resume'], []]);
});

test('idle time is counted from the last keystroke', () => {
  const { clock, machine } = createSetting();
  clock.advance(500);
  machine.noteActivity();
  clock.advance(70);
  assert.equal(machine.idleMs, 70);
});

test('a judgement waits until no suggestion is computed', async () => {
  const { clock, machine } = createSetting();
  await machine.whenQuiet(neverAborts);
  machine.complete().dispose();
  let isQuiet = false;
  const waiting = machine.whenQuiet(neverAborts).then(() => (isQuiet = true));
  await settle();
  assert.equal(isQuiet, false);
  clock.advance(holdMs);
  await waiting;
  machine.complete();
  await assert.rejects(machine.whenQuiet(AbortSignal.abort()), { name: 'AbortError' });
});

test('one computes at a time, and the turn passes on in order', async () => {
  const setting = createSetting();
  const { machine } = setting;
  const first = await machine.takeTurn('one', neverAborts);
  const got: string[] = [];
  const rest = ['two', 'three'].map(async (name) => {
    const turn = await machine.takeTurn(name, neverAborts);
    got.push(name);
    turn.dispose();
  });
  await settle();
  assert.deepEqual(
    [got, machine.busyWith('one'), machine.busyWith('two'), setting.nLocks],
    [[], 'two', 'one', 1],
  );
  first.dispose();
  await Promise.all(rest);
  assert.deepEqual([got, machine.busyWith('four'), setting.nLocks], [['two', 'three'], undefined, 0]);
});

test('who gives up waiting leaves the line', async () => {
  const { machine } = createSetting();
  const first = await machine.takeTurn('one', neverAborts);
  const abort = new AbortController();
  const waiting = machine.takeTurn('two', abort.signal);
  abort.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  first.dispose();
  assert.equal(machine.busyWith('three'), undefined);
});

test('another process that trains is waited for', async () => {
  const setting = createSetting();
  setting.isLockedElsewhere = true;
  let turn: unknown;
  const waiting = setting.machine.takeTurn('one', neverAborts).then((taken) => (turn = taken));
  await settle();
  assert.equal(turn, undefined);
  setting.isLockedElsewhere = false;
  setting.clock.advance(5000);
  await waiting;
  assert.equal(setting.nLocks, 1);
});

/** Lets what is resolved already be seen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
