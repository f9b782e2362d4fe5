/** The trainer as a process: killed it goes on, paused it waits, cancelled it ends at once, and each comes out as a sentence. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { neverAborts } from '../../server/base/abort.ts';
import { isAbort } from '../../server/base/errors.ts';
import { seededRandom } from '../../server/base/random.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import { storeDataset } from '../../server/training/dataset/storeDataset.ts';
import { startTraining } from '../../server/training/run/trainerProcess.ts';
import { trainingJobSchema } from '../../server/training/run/trainingJob.ts';
import type { TrainerLoad, TrainingJob, TrainingProgress } from '../../server/training/run/trainingJob.ts';
import { referenceFolder } from '../support/recordedTraining.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-trainer-'));
after(() => rmSync(folder, { recursive: true }));

const random = seededRandom(6);
const dataset = {
  manifest: { version: 1 },
  examples: [],
  items: Array.from({ length: 20 }, () => {
    const tokens = Array.from({ length: 16 }, () => random.int(40));
    return { kind: 'window', tokens, lossWeights: tokens.map((_, i) => (i === 0 ? 0 : 1)), weight: 1 };
  }),
  evaluation: [],
} as unknown as Dataset;
const { digest } = storeDataset(join(folder, 'datasets'), dataset);

function jobOf(name: string, over: Partial<TrainingJob> = {}): TrainingJob {
  return trainingJobSchema.parse({
    basePath: join(referenceFolder, 'tinyLlama.gguf'),
    baseName: 'tiny',
    datasetsFolder: join(folder, 'datasets'),
    datasetDigest: digest,
    lora: { r: 2, loraAlpha: 4 },
    optimiser: { learningRate: 0.01 },
    tokensPerStep: 32,
    budgetMs: 60_000,
    nSteps: 20,
    threads: 2,
    checkpointPath: join(folder, `${name}.checkpoint`),
    outFolder: join(folder, name),
    ...over,
  });
}

/** Calls `act` when the training has taken this many steps. */
function atStep(step: number, act: () => void): (progress: TrainingProgress) => void {
  let isDone = false;
  return (progress) => {
    if (isDone || progress.stage !== 'training' || progress.step < step) return;
    isDone = true;
    act();
  };
}

const adapterOf = (name: string) => readFileSync(join(folder, name, 'adapter_model.safetensors'));

test('killed with SIGKILL in the middle, the next one comes to the same adapter', async () => {
  const loads: TrainerLoad[] = [];
  await startTraining(
    jobOf('whole'),
    () => undefined,
    neverAborts,
    (load) => loads.push(load),
  ).result;
  const last = loads.at(-1);
  assert.ok(last !== undefined && last.cpuMs > 0 && last.workedMs > 0 && last.nThreads >= 1);
  const killed = startTraining(
    jobOf('killed'),
    atStep(5, () => process.kill(killed.pid ?? 0, 'SIGKILL')),
    neverAborts,
  );
  await assert.rejects(killed.result, /ended by force \(SIGKILL\).*out of memory/);
  await startTraining(jobOf('killed'), () => undefined, neverAborts).result;
  assert.deepEqual(adapterOf('killed'), adapterOf('whole'));
});

test('paused it takes no step, resumed it goes on', async () => {
  const steps: number[] = [];
  const { promise: isPaused, resolve } = Promise.withResolvers<void>();
  const running = startTraining(
    jobOf('paused'),
    (progress) => {
      if (progress.stage !== 'training') return;
      steps.push(progress.step);
      if (progress.step !== 3) return;
      running.pause();
      resolve();
    },
    neverAborts,
  );
  await isPaused;
  const cancel = new AbortController();
  // Another training that begins and ends meanwhile shows that time has passed.
  await startTraining(jobOf('meanwhile', { nSteps: 3 }), () => undefined, cancel.signal).result;
  const nSteps = steps.length;
  assert.ok(nSteps < 20, `${nSteps} steps`);
  running.resume();
  const { losses } = await running.result;
  assert.equal(losses.length, 20);
  assert.deepEqual(adapterOf('paused'), adapterOf('whole'));
});

test('cancelled it ends as cancelled', async () => {
  const cancel = new AbortController();
  const running = startTraining(
    jobOf('cancelled'),
    atStep(3, () => cancel.abort()),
    cancel.signal,
  );
  await assert.rejects(running.result, isAbort);
});

test('a full disk ends it with a sentence; with room again it goes on', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'idiom-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  try {
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(60_000));
    const job = jobOf('full', { checkpointPath: join(disk, 'checkpoint') });
    await assert.rejects(startTraining(job, () => undefined, neverAborts).result, {
      code: 'diskFull',
      message: /^The disk is full, so .*checkpoint could not be written/,
    });
    rmSync(filler);
    await startTraining(job, () => undefined, neverAborts).result;
    assert.deepEqual(adapterOf('full'), adapterOf('whole'));
    const fullFolder = jobOf('x', { outFolder: join(disk, 'adapter') });
    writeFileSync(filler, Buffer.alloc(60_000));
    await assert.rejects(startTraining(fullFolder, () => undefined, neverAborts).result, {
      code: 'diskFull',
    });
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

test('its reason for failing is a sentence with a remedy', async () => {
  const job = jobOf('lost', { datasetDigest: 'f'.repeat(64) });
  await assert.rejects(startTraining(job, () => undefined, neverAborts).result, {
    code: 'badFile',
    message: /^The dataset in .* is broken/,
  });
});
