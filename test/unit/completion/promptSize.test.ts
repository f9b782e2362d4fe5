/** How long a prompt may be to be read in time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affordableTokens, stepDown } from '../../../server/completion/promptSize.ts';
import type { SizeFacts } from '../../../server/completion/promptSize.ts';

const pace = (prefillPerSecond: number, decodePerSecond: number) => ({ prefillPerSecond, decodePerSecond });

function check(name: string, facts: Partial<SizeFacts>, expected: number): void {
  const usual = { pace: undefined, modelBytes: 145e6, targetMs: 1000, nNewTokens: 10 };
  test(name, () => assert.equal(affordableTokens({ ...usual, ...facts }), expected));
}

check('what is left of the time after writing is for reading', { pace: pace(500, 50) }, 400);
check('half of the time at most is for writing', { pace: pace(500, 5) }, 250);
check('never less than a few lines', { pace: pace(20, 5) }, 128);
check('more time, more context', { pace: pace(500, 50), targetMs: 2000 }, 900);
check('before the first measurement a slow machine is supposed', { targetMs: 3000 }, 400);
check('and a slower one for a large model', { targetMs: 3000, modelBytes: 290e6 }, 175);

for (const [nTokens, max, expected] of [
  [128, 1024, 128],
  [191, 1024, 128],
  [192, 1024, 192],
  [400, 1024, 384],
  [1000, 1024, 768],
  [5000, 1024, 1024],
  [5000, 1000, 1000],
  [900, 1000, 768],
  [200, 128, 128],
] as const) {
  test(`${nTokens} of at most ${max} tokens: ${expected}`, () =>
    assert.equal(stepDown(nTokens, max), expected));
}
