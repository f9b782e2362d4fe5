/** A training whose micro-batches are computed in threads of its own: the same bits, and it waits, ends and fails as without. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readGgufHeader } from '../../../../server/gguf/readHeader.ts';
import { layOutAdapter } from '../../../../server/training/lora/adapterParameters.ts';
import { readDecoderShape } from '../../../../server/training/lora/decoderShape.ts';
import { readFrozenWeights } from '../../../../server/training/lora/frozenWeights.ts';
import { loraOptionsSchema } from '../../../../server/training/lora/loraOptions.ts';
import { toMicroBatches } from '../../../../server/training/lora/microBatches.ts';
import { EndedError, RunFlag } from '../../../../server/training/lora/runFlag.ts';
import type { Trainer, TrainerOptions } from '../../../../server/training/lora/trainer.ts';
import { createWorkerRunner } from '../../../../server/training/lora/workerRunner.ts';
import {
  examplesOf,
  openRecorded,
  readRecorded,
  referenceFolder,
} from '../../../support/recordedTraining.ts';

const modelPath = join(referenceFolder, 'tinyLlama.gguf');
const recorded = readRecorded('tinyLlama');
const examples = examplesOf(recorded);
const opened: Trainer[] = [];
after(() => opened.forEach((trainer) => trainer.dispose()));

async function open(options: Partial<TrainerOptions> = {}, firstLayer = 0): Promise<Trainer> {
  const trainer = await openRecorded(modelPath, recorded, {
    lora: { firstLayer, dropout: 0.1 },
    // So small that each example is a micro-batch of its own.
    trainer: { limits: { bucketTokens: 16, maxTokens: 16 }, ...options },
  });
  opened.push(trainer);
  return trainer;
}

const twoWorkers = (flag = new RunFlag()) => ({ workers: { threads: [1, 1], flag } });

for (const firstLayer of [0, 1])
  test(`from layer ${firstLayer}, two threads come to the same losses, adapter and likelihoods, to the bit`, async () => {
    const [alone, shared] = [await open({}, firstLayer), await open(twoWorkers(), firstLayer)];
    for (let step = 0; step < 3; step++)
      assert.deepEqual(await shared.step(examples), await alone.step(examples));
    assert.deepEqual(shared.state(), alone.state());
    assert.deepEqual(await shared.evaluate(examples), await alone.evaluate(examples));
    const base = { isBaseAlone: true };
    assert.deepEqual(await shared.evaluate(examples, base), await alone.evaluate(examples, base));
  });

test('told to end in the middle, a step ends with the reason and changes nothing', async () => {
  const flag = new RunFlag();
  const cancel = new AbortController();
  let nTasks = 0;
  const beforeRun = () => {
    if (++nTasks < 3) return;
    flag.say('end');
    cancel.abort();
    cancel.signal.throwIfAborted();
  };
  const trainer = await open({ ...twoWorkers(flag), beforeRun });
  const before = trainer.state();
  await assert.rejects(trainer.step(examples), { name: 'AbortError' });
  assert.deepEqual(trainer.state(), before);
});

test('told to wait, threads compute nothing until told to go on', async () => {
  const flag = new RunFlag();
  const trainer = await open(twoWorkers(flag));
  const undisturbed = await open();
  // Threads start when they first have something to do.
  await trainer.gradients(examples);
  flag.say('wait');
  let isDone = false;
  const stepped = trainer.step(examples).then(() => (isDone = true));
  // Another trainer's steps show that time has passed.
  for (let turn = 0; turn < 10; turn++) {
    await undisturbed.gradients(examples);
    await otherTurns();
  }
  assert(!isDone);
  flag.say('go');
  await stepped;
  await undisturbed.step(examples);
  assert.deepEqual(trainer.parameters, undisturbed.parameters);
});

test('what fails in a thread comes out, and the next task finds the thread as it was', async () => {
  const base = await readGgufHeader(modelPath);
  const shape = readDecoderShape(base);
  const lora = loraOptionsSchema.parse({ r: 2 });
  const layout = layOutAdapter(shape, lora);
  const weights = await readFrozenWeights(base, shape, 'float32');
  const parameters = new Float32Array(layout.nParameters);
  const runner = createWorkerRunner({
    props: {
      shape,
      lora,
      layout,
      parameters,
      precision: 'float32',
      onnx: {},
      weights: { ...weights, layers: [] },
    },
    threads: [1, 1],
    flag: new RunFlag(),
    beforeRun: () => undefined,
  });
  const tasks = toMicroBatches(examples, { bucketTokens: 16, maxTokens: 16 }).map((batch) => ({ batch }));
  for (let i = 0; i < 2; i++)
    await assert.rejects(
      runner.run(tasks, undefined, () => undefined),
      /There is no layer 0/,
    );
  runner.dispose();
});

test('a flag that says "end" is obeyed at once', () => {
  const flag = new RunFlag();
  flag.obey();
  flag.say('end');
  assert.throws(() => new RunFlag(flag.shared).obey(), EndedError);
});

/** Lets answers of threads in. */
function otherTurns(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
