/** Training on the real embedded model equals PyTorch and PEFT. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestFile } from '../../server/base/digest.ts';
import type { Trainer } from '../../server/training/lora/trainer.ts';
import {
  examplesOf,
  isNear,
  openRecorded,
  readRecorded,
  wholeExamplesOf,
} from '../support/recordedTraining.ts';

const tolerance = { nll: 5e-4, gradientNorms: 1e-3, losses: 1e-3 };
const modelPath = process.env['IDIOM_TEST_MODEL'] ?? '';
const recorded = readRecorded('embedded');
let trainer: Trainer;

before(async () => {
  assert.equal(await digestFile(modelPath), recorded.baseDigest, 'the recording is of another base model');
  trainer = await openRecorded(modelPath, recorded, { trainer: { onnx: { threads: 2 } } });
});
after(() => trainer.dispose());

test('the base model gives the recorded likelihoods', async () => {
  const [nll] = await trainer.evaluate(wholeExamplesOf(recorded), { isBaseAlone: true });
  isNear(nll?.subarray(1) ?? [], recorded.baseNll, tolerance.nll, 'likelihoods');
});

test('the gradient of each matrix is as long as the recorded one', async () => {
  const { loss, gradients } = await trainer.gradients(examplesOf(recorded));
  isNear([loss], [recorded.first.loss], tolerance.nll, 'losses');
  const norms = trainer.layout.matrices.map(({ start, length }) =>
    Math.hypot(...gradients.subarray(start, start + length)),
  );
  isNear(norms, recorded.first.gradientNorms, tolerance.gradientNorms, 'norms', 1e-3);
});

test('ten steps give the recorded losses and gradient norms', async () => {
  const results = [];
  for (let step = 0; step < 10; step++) results.push(await trainer.step(examplesOf(recorded)));
  isNear(
    results.map(({ loss }) => loss),
    recorded.losses,
    tolerance.losses,
    'losses',
  );
  isNear(
    results.map(({ gradientNorm }) => gradientNorm),
    recorded.gradientNorms,
    tolerance.losses * 10,
    'gradient norms',
  );
});
