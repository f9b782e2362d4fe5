/** Whether a base model fits, in numbers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { checkMemoryFit } from '../../../server/llama/memoryFit.ts';

/** Memory in GB; KV cache of 2 slots of 1,000 tokens. */
function check(
  modelGb: number,
  kvMbPerToken: number,
  freeGb: number,
  gpuGb: number,
  expected: RegExp | 'fits',
): void {
  test(`${modelGb} GB, ${kvMbPerToken} MB a token, ${freeGb} + ${gpuGb} GB free`, () => {
    const run = () =>
      checkMemoryFit(
        {
          path: '/m.gguf',
          modelBytes: modelGb * 1e9,
          kvBytesPerToken: kvMbPerToken * 1e6,
          contextTokens: 1000,
          nSlots: 2,
        },
        { freeMemoryBytes: freeGb * 1e9, freeGpuBytes: gpuGb * 1e9 },
      );
    if (expected === 'fits') return run();
    assert.throws(run, (error) => {
      assert.ok(error instanceof IdiomError && error.code === 'modelTooLarge' && error.remedy !== undefined);
      assert.match(error.message, expected);
      return true;
    });
  });
}

check(1, 0.1, 2, 0, 'fits');
check(1, 0.1, 1.4, 0, /needs 1\.4 GB of memory and 1\.4 GB are free/);
check(8, 0.1, 4, 0, /needs 8\.4 GB of memory and 4\.0 GB are free/);
check(8, 0.1, 4, 6, 'fits');
check(0.1, 2, 4, 0, /needs 4\.3 GB/);
