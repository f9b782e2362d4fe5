/** A dataset is as large as the time for training makes use of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datasetSizeFor } from '../../../server/learning/datasetSize.ts';
import { defaultDatasetSettings } from '../../../server/training/dataset/datasetSettings.ts';

const minuteMs = 60_000;

for (const [minutes, share] of [
  [15, 1],
  [30, 2],
  [600, 4],
  [6, 0.4],
  [0.5, 0.15],
] as const) {
  test(`${minutes} minutes read ${share} times the default`, () => {
    const size = datasetSizeFor(defaultDatasetSettings, minutes * minuteMs);
    const { nFillIns, windowTokens } = defaultDatasetSettings;
    assert.deepEqual(size, {
      ...defaultDatasetSettings,
      nFillIns: nFillIns * share,
      windowTokens: windowTokens * share,
    });
  });
}
