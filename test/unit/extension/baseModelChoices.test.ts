/** The models offered by name are the ones that the daemon recommends, with the same sizes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseModelChoices, readableSize } from '../../../extension/baseModelChoices.ts';
import { recommendedModels } from '../../../server/llama/recommended.ts';

test('the same models, in the same order', () => {
  assert.deepEqual(
    baseModelChoices.map(({ name, ref, downloadBytes }) => ({ name, ref, downloadBytes })),
    recommendedModels.map(({ name, ref, sizeBytes, downloadBytes }) => ({
      name,
      ref,
      downloadBytes: downloadBytes ?? sizeBytes,
    })),
  );
});

function check(sizeBytes: number, expected: string): void {
  assert.equal(readableSize(sizeBytes), expected);
}

test('gigabytes', () => check(1.64e9, '1.6 GB'));
test('megabytes', () => check(98_362_432, '98 MB'));
