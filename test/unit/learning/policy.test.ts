/** When a training begins by itself, what it waits for, and how the power source is found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findHindrance } from '../../../server/learning/policy.ts';
import type { PolicyFacts } from '../../../server/learning/policy.ts';
import { readPower } from '../../../server/learning/power.ts';
import type { PowerReader } from '../../../server/learning/power.ts';
import { findTrigger } from '../../../server/learning/triggers.ts';
import type { TriggerFacts } from '../../../server/learning/triggers.ts';

const hourMs = 3_600_000;
const quiet: TriggerFacts = {
  isAutomatic: true,
  nowMs: 1000 * hourMs,
  lastEndedAtMs: 900 * hourMs,
  nNewExamples: 10,
  minNewExamples: 100,
  minIntervalMs: 12 * hourMs,
  hasDrifted: false,
};

function checkTrigger(name: string, facts: Partial<TriggerFacts>, expected: string | undefined): void {
  test(name, () => assert.equal(findTrigger({ ...quiet, ...facts }), expected));
}

checkTrigger('few examples trigger nothing', {}, undefined);
checkTrigger('enough of them trigger', { nNewExamples: 100 }, 'volume');
checkTrigger('never before', { nNewExamples: 100, lastEndedAtMs: undefined }, 'volume');
checkTrigger('too soon after the last one', { nNewExamples: 100, lastEndedAtMs: 990 * hourMs }, undefined);
checkTrigger(
  'a clock that was set back is no reason to wait',
  { nNewExamples: 100, lastEndedAtMs: 2000 * hourMs },
  'volume',
);
checkTrigger('drift needs something new to learn', { hasDrifted: true, nNewExamples: 0 }, undefined);
checkTrigger('drift', { hasDrifted: true }, 'drift');
checkTrigger(
  'a week and a quarter of the examples',
  { lastEndedAtMs: 800 * hourMs, nNewExamples: 25 },
  'schedule',
);
checkTrigger('a week and hardly any', { lastEndedAtMs: 800 * hourMs, nNewExamples: 24 }, undefined);
checkTrigger('switched off', { nNewExamples: 1000, isAutomatic: false }, undefined);

const good: PolicyFacts = {
  unable: undefined,
  busyWith: undefined,
  power: 'mains',
  isBatteryAllowed: false,
  idleMs: 600_000,
  minIdleMs: 300_000,
};

function checkHindrance(
  name: string,
  facts: Partial<PolicyFacts>,
  cause: 'volume' | 'command',
  expected: RegExp | undefined,
): void {
  test(name, () => {
    const found = findHindrance({ ...good, ...facts }, cause);
    if (expected === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', expected);
  });
}

checkHindrance('idle and on mains', {}, 'volume', undefined);
checkHindrance(
  'somebody types',
  { idleMs: 1000 },
  'volume',
  /^Starts when you have been away for 5 minutes\.$/,
);
checkHindrance('on battery', { power: 'battery' }, 'volume', /plugged in/);
checkHindrance('on battery, allowed', { power: 'battery', isBatteryAllowed: true }, 'volume', undefined);
checkHindrance('a command does not wait for that', { power: 'battery', idleMs: 0 }, 'command', undefined);
checkHindrance('one training at a time', { busyWith: 'shop' }, 'command', /training of shop/);
checkHindrance('nothing to train', { unable: 'No base model is loaded.' }, 'command', /No base model/);

/** Files as "path: content"; a folder is what files are below it. */
function checkPower(name: string, files: Readonly<Record<string, string>>, expected: string): void {
  const folder = '/sys/class/power_supply';
  const reader: PowerReader = {
    platform: 'linux',
    list: (asked) => {
      assert.equal(asked, folder);
      const names = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''));
      return names.size > 0 ? Promise.resolve([...names]) : Promise.reject(new Error('ENOENT'));
    },
    read: (path) => {
      const text = files[path.replaceAll('\\', '/').slice(folder.length + 1)];
      return text === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(`${text}\n`);
    },
    run: () => Promise.reject(new Error('not asked')),
  };
  test(name, async () => assert.equal(await readPower(reader), expected));
}

const battery = { 'BAT0/type': 'Battery', 'BAT0/status': 'Discharging' };
checkPower('a machine without supplies is on mains', {}, 'mains');
checkPower('plugged in', { ...battery, 'AC/type': 'Mains', 'AC/online': '1' }, 'mains');
checkPower('unplugged', { ...battery, 'AC/type': 'Mains', 'AC/online': '0' }, 'battery');
checkPower('a full battery that is not drained', { 'BAT0/type': 'Battery', 'BAT0/status': 'Full' }, 'mains');
checkPower(
  'the battery of a mouse',
  { 'hid/type': 'Battery', 'hid/scope': 'Device', 'hid/status': 'Discharging' },
  'mains',
);
checkPower('charging over USB', { ...battery, 'ucsi/type': 'USB', 'ucsi/online': '1' }, 'mains');

function checkMac(output: string, expected: string): void {
  const never = () => Promise.reject(new Error('not asked'));
  const reader: PowerReader = {
    platform: 'darwin',
    list: never,
    read: never,
    run: () => Promise.resolve(output),
  };
  test(`macOS: ${output}`, async () => assert.equal(await readPower(reader), expected));
}
checkMac("Now drawing from 'Battery Power'", 'battery');
checkMac("Now drawing from 'AC Power'", 'mains');
checkMac('', 'mains');
