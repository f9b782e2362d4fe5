/** Training on tiny models of each architecture equals PyTorch and PEFT, and is the same each time. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LoraOptions } from '../../../../server/training/lora/loraOptions.ts';
import type { Trainer, TrainerOptions } from '../../../../server/training/lora/trainer.ts';
import {
  examplesOf,
  isNear,
  openRecorded,
  readRecorded,
  referenceFolder,
  restoreParameters,
  wholeExamplesOf,
} from '../../../support/recordedTraining.ts';
import type { RecordedTraining } from '../../../support/recordedTraining.ts';

/** Single precision on both sides; sums are taken in another order. */
const tolerance = { nll: 2e-5, gradient: 1e-4, losses: 1e-4, parameters: 2e-3 };

/** Where a processor cannot multiply integers, it is single precision after all. */
const inIntegers = { loss: 0.01, nll: 0.02, cosine: 0.995 };

const opened: Trainer[] = [];
after(() => opened.forEach((trainer) => trainer.dispose()));

async function open(
  name: string,
  recorded: RecordedTraining,
  lora: Partial<LoraOptions> = {},
  options: Partial<TrainerOptions> = {},
): Promise<Trainer> {
  const trainer = await openRecorded(join(referenceFolder, `${name}.gguf`), recorded, {
    lora,
    trainer: options,
  });
  opened.push(trainer);
  return trainer;
}

const joined = (arrays: readonly Float32Array[]) => arrays.flatMap((array) => [...array.subarray(1)]);

for (const name of ['tinyLlama', 'tinyQwen2']) {
  const recorded = readRecorded(name);
  const examples = examplesOf(recorded);
  const whole = wholeExamplesOf(recorded);

  test(`${name}: the base model gives the recorded likelihoods`, async () => {
    const trainer = await open(name, recorded);
    const nll = joined(await trainer.evaluate(whole, { isBaseAlone: true }));
    isNear(nll, recorded.baseNll, tolerance.nll, 'likelihoods');
  });

  test(`${name}: loss and every gradient are the recorded ones`, async () => {
    const trainer = await open(name, recorded);
    const { loss, gradients } = await trainer.gradients(examples);
    isNear([loss], [recorded.first.loss], tolerance.nll, 'losses');
    const expected = recorded.first.gradients ?? [];
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    isNear(gradients, expected, tolerance.gradient, 'gradients', largest / 10);
  });

  test(`${name}: ten steps give the recorded losses, gradient norms and adapter`, async () => {
    const trainer = await open(name, recorded);
    const results = [];
    for (let step = 0; step < 10; step++) results.push(await trainer.step(examples));
    isNear(
      results.map(({ loss }) => loss),
      recorded.losses,
      tolerance.losses,
      'losses',
    );
    isNear(
      results.map(({ gradientNorm }) => gradientNorm),
      recorded.gradientNorms,
      tolerance.losses,
      'gradient norms',
    );
    isNear(trainer.parameters, recorded.trained ?? [], tolerance.parameters, 'parameters', 0.1);
    const nll = joined(await trainer.evaluate(whole));
    isNear(nll, recorded.trainedNll, tolerance.losses, 'likelihoods');
  });

  test(`${name}: with weights in integers, loss and gradient are near the recorded ones`, async () => {
    const trainer = await open(name, recorded, {}, { precision: 'int8' });
    const { loss, gradients } = await trainer.gradients(examples);
    isNear([loss], [recorded.first.loss], inIntegers.loss, 'losses');
    assert(cosine(gradients, recorded.first.gradients ?? []) >= inIntegers.cosine);
    const nll = joined(await trainer.evaluate(whole, { isBaseAlone: true }));
    isNear(nll, recorded.baseNll, inIntegers.nll, 'likelihoods');
  });

  test(`${name}: a fresh adapter changes nothing`, async () => {
    const trainer = await open(name, recorded);
    const fresh = trainer.parameters.slice();
    for (const { half, start, length } of trainer.layout.matrices)
      if (half === 'loraB') fresh.fill(0, start, start + length);
    restoreParameters(trainer, fresh);
    assert.deepEqual(await trainer.evaluate(whole), await trainer.evaluate(whole, { isBaseAlone: true }));
  });
}

function cosine(a: Float32Array, b: readonly number[]): number {
  const dot = b.reduce((sum, value, i) => sum + value * (a[i] ?? NaN), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

const recorded = readRecorded('tinyLlama');
const examples = examplesOf(recorded);

async function trainedBy(
  lora: Partial<LoraOptions>,
  options: Partial<TrainerOptions> = {},
): Promise<Float32Array> {
  const trainer = await open('tinyLlama', recorded, lora, options);
  for (let step = 0; step < 3; step++) await trainer.step(examples);
  return trainer.parameters;
}

test('the same seed gives the same adapter, another seed another', async () => {
  const dropout = 0.25;
  assert.deepEqual(await trainedBy({ dropout, seed: 3 }), await trainedBy({ dropout, seed: 3 }));
  assert.notDeepEqual(await trainedBy({ dropout, seed: 3 }), await trainedBy({ dropout, seed: 4 }));
});

test('how examples are put into micro-batches does not matter', async () => {
  const apart = await trainedBy({}, { limits: { bucketTokens: 8, maxTokens: 1 } });
  const together = await trainedBy({}, { limits: { bucketTokens: 64, maxTokens: 512 } });
  isNear(together, [...apart], tolerance.parameters, 'parameters', 0.1);
});

test('layers below the first keep the gradient of the layers above as it was', async () => {
  const whole = await open('tinyLlama', recorded);
  const upper = await open('tinyLlama', recorded, { firstLayer: 1 });
  const isUpper = whole.layout.matrices.filter(({ layerIdx }) => layerIdx === 1);
  const start = isUpper[0]?.start ?? 0;
  const adapter = whole.parameters.slice().fill(0, 0, start);
  restoreParameters(whole, adapter);
  restoreParameters(upper, adapter.slice(start));
  const expected = (await whole.gradients(examples)).gradients.subarray(start);
  const { gradients } = await upper.gradients(examples);
  isNear(gradients, [...expected], tolerance.gradient, 'gradients', 0.01);
  assert.deepEqual((await upper.gradients(examples)).gradients, gradients, 'from the cache');
});

test('a trainer goes on from a saved state as if nothing had happened', async () => {
  const undisturbed = await open('tinyLlama', recorded, { dropout: 0.1 });
  for (let step = 0; step < 2; step++) await undisturbed.step(examples);
  const resumed = await open('tinyLlama', recorded, { dropout: 0.1 });
  resumed.restore(undisturbed.state());
  assert.deepEqual(await resumed.step(examples), await undisturbed.step(examples));
  assert.deepEqual(resumed.state(), undisturbed.state());
});

test('before any layer it can be made to wait, and then goes on as if nothing had happened', async () => {
  const undisturbed = await trainedBy({});
  let nRuns = 0;
  let pause: PromiseWithResolvers<void> | undefined;
  const beforeRun = () => (nRuns++, pause?.promise);
  const trainer = await open('tinyLlama', recorded, {}, { beforeRun });
  await trainer.step(examples);
  const runsOfStep = nRuns;
  // Two layers and the loss, forward and backward, of each micro-batch.
  assert(runsOfStep >= 5, `${runsOfStep} runs`);
  for (let step = 1; step < 3; step++) {
    const before = nRuns;
    pause = Promise.withResolvers<void>();
    let isDone = false;
    const stepped = trainer.step(examples).then(() => (isDone = true));
    await otherTurns();
    assert.equal(nRuns, before + 1, 'it waits before the first layer');
    const { resolve } = pause;
    pause = Promise.withResolvers<void>();
    resolve();
    while (nRuns < before + 2) await otherTurns();
    await otherTurns();
    assert.equal(nRuns, before + 2, 'and before the second');
    assert(!isDone);
    pause.resolve();
    pause = undefined;
    await stepped;
  }
  assert.deepEqual(trainer.parameters, undisturbed);
});

test('an aborted step changes nothing', async () => {
  let runs = 0;
  const beforeRun = () => {
    if (++runs === 6) throw new DOMException('Stopped.', 'AbortError');
  };
  const trainer = await open('tinyLlama', recorded, {}, { beforeRun });
  const before = trainer.state();
  await assert.rejects(trainer.step(examples), { name: 'AbortError' });
  assert.deepEqual(trainer.state(), before);
  await trainer.step(examples);
});

test('a loss that is not finite stops the step and keeps the adapter', async () => {
  const trainer = await open('tinyLlama', recorded);
  const adapter = trainer.parameters.slice().fill(NaN, 0, 1);
  restoreParameters(trainer, adapter);
  await assert.rejects(trainer.step(examples), { code: 'trainingFailed' });
  assert.deepEqual(trainer.parameters, adapter);
});

test('examples without a token that counts are refused', async () => {
  const trainer = await open('tinyLlama', recorded);
  const nothing = [{ tokens: [1, 2, 3], lossWeights: [1, 0, 0] }];
  await assert.rejects(trainer.step(nothing), { code: 'trainingFailed' });
});

/** Lets everything that is ready to go on do so. */
function otherTurns(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
