/** When an engine child is asked what the machine offers, and when an earlier answer will do. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { RememberedProbe } from '../../../server/llama/probeMachine.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-probe-'));
after(() => rmSync(folder, { recursive: true }));

/** Devices that processes, one after the other, go by; `asked` for those that had to ask a child before. */
async function check(path: string, starts: readonly (readonly [version: string, device: string])[]) {
  const seen: string[] = [];
  for (const [version, device] of starts) {
    const clock = new ManualClock();
    let nAsked = 0;
    const ask = () => {
      nAsked++;
      return Promise.resolve({ device, nPhysicalCores: 4, gpuMemoryBytes: 0 });
    };
    const probe = new RememberedProbe({ path, version, clock, ask });
    const machines = [await probe.machine(), await probe.machine()];
    assert.deepEqual(machines[0], machines[1]);
    seen.push(`${nAsked === 0 ? '' : 'asked '}${machines[0]?.device ?? ''}`);
    clock.advance(60_000);
    await Promise.resolve();
    assert.equal(nAsked, 1);
    probe.dispose();
  }
  return seen;
}

test('what was found is known to the next start, and looked up again while that runs', async () => {
  const starts = [
    ['1', 'cpu'],
    ['1', 'vulkan'],
    ['1', 'vulkan'],
    ['2', 'vulkan'],
  ] as const;
  const expected = ['asked cpu', 'cpu', 'vulkan', 'asked vulkan'];
  assert.deepEqual(await check(join(folder, 'machine.json'), starts), expected);
});

test('a record that can not be read or written costs a question', async () => {
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '{"1');
  assert.deepEqual(
    await check(join(broken, 'x.json'), [
      ['1', 'cpu'],
      ['1', 'cpu'],
    ]),
    ['asked cpu', 'asked cpu'],
  );
  assert.deepEqual(
    await check(broken, [
      ['1', 'cpu'],
      ['1', 'cpu'],
    ]),
    ['asked cpu', 'cpu'],
  );
});
