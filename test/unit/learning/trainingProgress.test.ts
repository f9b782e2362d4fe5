/** What a dashboard is told of a training: shares, and a curve of the loss that never grows too long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress, thin } from '../../../server/learning/trainingProgress.ts';

test('first the dataset, then the steps with their losses, each once', () => {
  const tell = createProgress();
  assert.deepEqual(tell({ kind: 'dataset', stage: 'history', nDone: 1, nAll: 4 }), { share: 0.25 });
  const step = (at: number, loss: number) =>
    tell({ kind: 'training', progress: { stage: 'training', step: at, nSteps: 4, loss } });
  step(1, 3);
  step(1, 3);
  assert.deepEqual(step(2, 2), { share: 0.5, step: 2, nSteps: 4, losses: [3, 2] });
  const saving = tell({ kind: 'training', progress: { stage: 'saving', step: 4, nSteps: 4 } });
  assert.equal(saving.share, 1);
});

test('what is not known yet is a share of nothing', () => {
  const progress = { stage: 'loading', step: 0, nSteps: 0 } as const;
  assert.deepEqual(createProgress()({ kind: 'training', progress }), { share: 0, losses: [] });
});

test('a long curve is thinned, its ends stay', () => {
  const thinned = thin(
    Array.from({ length: 1000 }, (_, i) => i),
    5,
  );
  assert.deepEqual(thinned, [0, 250, 500, 749, 999]);
  assert.deepEqual(thin([1, 2], 5), [1, 2]);
});
