/** The measured pace: what counts, how fast it follows, and that it outlives a restart. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { PaceMeter } from '../../../server/llama/enginePace.ts';
import { PaceKeeper } from '../../../server/llama/paceKeeper.ts';

/** Each sample is tokens read, in ms, tokens written, in ms; the pace in whole tokens a second. */
function check(
  name: string,
  samples: readonly (readonly [number, number, number, number])[],
  expected: readonly [number, number] | undefined,
): void {
  test(name, () => {
    const meter = new PaceMeter(undefined);
    for (const [nComputedTokens, prefillMs, nNewTokens, decodeMs] of samples)
      meter.note({ nComputedTokens, prefillMs, nNewTokens, decodeMs });
    const { pace } = meter;
    const found = pace && [Math.round(pace.prefillPerSecond), Math.round(pace.decodePerSecond)];
    assert.deepEqual(found, expected);
  });
}

check('nothing yet', [], undefined);
check('one request', [[200, 1000, 21, 400]], [200, 50]);
check('the first new token belongs to reading', [[200, 1000, 5, 100]], [200, 40]);
check('a few tokens tell nothing', [[10, 1000, 2, 400]], undefined);
check('reading alone lets writing be guessed', [[200, 1000, 0, 0]], [200, 20]);
check(
  'half after 192 tokens',
  [
    [200, 1000, 9, 160],
    [192, 1920, 9, 160],
  ],
  [133, 50],
);
check(
  'a load that goes is forgotten within two prompts',
  [
    [200, 10_000, 9, 800],
    [600, 1000, 33, 640],
    [600, 1000, 33, 640],
  ],
  [434, 40],
);

test('the pace outlives a restart, for the same model and device', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-pace-'));
  const path = join(folder, 'pace.json');
  const keeperOf = async (key: string) => {
    const keeper = new PaceKeeper(new ManualClock(), path);
    await keeper.use(key);
    return keeper;
  };
  try {
    const first = await keeperOf('a cpu');
    first.note({ nComputedTokens: 200, prefillMs: 1000, nNewTokens: 9, decodeMs: 160 });
    await first.write();
    assert.deepEqual((await keeperOf('a cpu')).pace, { prefillPerSecond: 200, decodePerSecond: 50 });
    assert.equal((await keeperOf('a vulkan')).pace, undefined);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(path, '{"a cpu": {"prefillPerSecond": -1}}');
    assert.equal((await keeperOf('a cpu')).pace, undefined, 'what is broken is measured again');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
