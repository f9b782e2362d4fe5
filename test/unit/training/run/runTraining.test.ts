/** A whole training of a tiny model: interrupted anywhere it comes to the same adapter, and faults are told. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '../../../../server/base/random.ts';
import { canMultiplyIntegers } from '../../../../server/onnx/integerProducts.ts';
import type { Dataset } from '../../../../server/training/dataset/dataset.ts';
import { storeDataset } from '../../../../server/training/dataset/storeDataset.ts';
import { runTraining } from '../../../../server/training/run/runTraining.ts';
import type { RunHooks } from '../../../../server/training/run/runTraining.ts';
import { trainingJobSchema } from '../../../../server/training/run/trainingJob.ts';
import type { TrainingJob } from '../../../../server/training/run/trainingJob.ts';
import { referenceFolder } from '../../../support/recordedTraining.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-training-'));
after(() => rmSync(folder, { recursive: true }));

const random = seededRandom(5);
const tokensOf = (count: number) => Array.from({ length: count }, () => random.int(40));
const dataset = {
  manifest: { version: 1 },
  examples: [],
  items: Array.from({ length: 12 }, () => {
    const tokens = tokensOf(16);
    return { kind: 'window', tokens, lossWeights: tokens.map((_, i) => (i === 0 ? 0 : 1)), weight: 0.5 };
  }),
  evaluation: [{ promptTokens: tokensOf(6), middleTokens: tokensOf(4) }],
} as unknown as Dataset;
const stored = storeDataset(join(folder, 'datasets'), dataset);

function jobOf(name: string, over: Partial<TrainingJob> = {}): TrainingJob {
  return trainingJobSchema.parse({
    basePath: join(referenceFolder, 'tinyLlama.gguf'),
    baseName: 'tiny',
    datasetsFolder: join(folder, 'datasets'),
    datasetDigest: stored.digest,
    lora: { r: 2, loraAlpha: 4, dropout: 0.2 },
    optimiser: { learningRate: 0.01 },
    tokensPerStep: 48,
    budgetMs: 60_000,
    nSteps: 6,
    precision: 'float32',
    threads: 1,
    checkpointPath: join(folder, `${name}.checkpoint`),
    outFolder: join(folder, name),
    ...over,
  });
}

/** A clock on which each look takes a while, so that a checkpoint is written after each step. */
function hooksOf(over: Partial<RunHooks> = {}): RunHooks {
  let nowMs = 0;
  return {
    beforeRun: () => Promise.resolve(),
    onProgress: () => undefined,
    workedMs: () => (nowMs += 61_000),
    memoryBytes: () => 1,
    ...over,
  };
}

const adapterOf = (name: string) => readFileSync(join(folder, name, 'adapter_model.safetensors'));

test('it ends with an adapter for PEFT and llama.cpp, and the loss of each step', async () => {
  const result = await runTraining(jobOf('whole'), hooksOf());
  assert.equal(result.losses.length, 6);
  assert.equal(result.nTokens, 6 * 48);
  assert.equal(result.nllBefore.length, 1);
  assert.deepEqual(
    result.validation.map((each) => each.step),
    [0, 6],
  );
  assert.equal(result.validation[1]?.nll, result.nllAfter[0]);
  assert.ok((result.losses.at(-1) ?? 9) < (result.losses[0] ?? 0), String(result.losses));
  for (const name of ['adapter.gguf', 'adapter_config.json'])
    assert.ok(existsSync(join(folder, 'whole', name)));
  assert.ok(!existsSync(join(folder, 'whole.checkpoint')));
});

for (const lastRun of [1, 9, 20, 30]) {
  test(`interrupted before run ${lastRun} of a layer, it comes to the same adapter`, async () => {
    const name = `interrupted${lastRun}`;
    let nRuns = 0;
    const beforeRun = async () => {
      if (++nRuns >= lastRun) throw new Error('killed');
    };
    await assert.rejects(runTraining(jobOf(name), hooksOf({ beforeRun })), /killed/);
    const result = await runTraining(jobOf(name), hooksOf());
    assert.equal(result.losses.length, 6);
    assert.deepEqual(adapterOf(name), adapterOf('whole'));
  });
}

test('it starts from a parent', async () => {
  const result = await runTraining(
    jobOf('child', { parentPath: join(folder, 'whole', 'adapter.gguf'), nSteps: 1 }),
    hooksOf(),
  );
  const whole = await runTraining(jobOf('again'), hooksOf());
  // The file has half precision.
  assert.ok(Math.abs((result.nllBefore[0] ?? 0) - (whole.nllAfter[0] ?? 9)) < 1e-3);
  const fresh = await runTraining(jobOf('fresh', { nSteps: 1 }), hooksOf());
  assert.ok(Math.abs((result.nllBefore[0] ?? 0) - (fresh.nllBefore[0] ?? 9)) > 0.01);
});

test('a parent of another rank is refused', () =>
  assert.rejects(
    runTraining(
      jobOf('wrong', {
        parentPath: join(folder, 'whole', 'adapter.gguf'),
        lora: { ...jobOf('x').lora, r: 3 },
      }),
      hooksOf(),
    ),
    /another shape/,
  ));

test('a budget gives a number of steps', async () => {
  // Each look at the clock takes 61 s, and a trial step looks twice.
  const { nSteps, ...job } = jobOf('budget', { budgetMs: 3.5 * 61_000 });
  assert.equal(nSteps, 6);
  assert.equal((await runTraining(job, hooksOf())).nSteps, 3);
});

/** Trial steps take so long, the others this share of it. */
function checkPace(what: string, share: number, nSteps: number): void {
  test(what, async () => {
    const { nSteps: _, ...job } = jobOf(`pace ${share}`, { budgetMs: 4 * 61_000, maxEpochs: 9 });
    let [nowMs, nLooks] = [0, 0];
    // Four looks are those of the trial; then each step looks twice.
    const workedMs = () => (nowMs += nLooks++ < 4 ? 61_000 : nLooks % 2 === 1 ? share * 61_000 : 0);
    assert.equal((await runTraining(job, hooksOf({ workedMs }))).nSteps, nSteps);
  });
}

checkPace('a machine that is quieter than in the trial takes more steps', 0.5, 8);
checkPace('one that is busier takes fewer', 2, 2);

test('too much memory ends it with a sentence', () =>
  assert.rejects(
    runTraining(jobOf('memory', { maxMemoryBytes: 1e6 }), hooksOf({ memoryBytes: () => 2e6 })),
    /takes 2 MB of memory, and 1 MB are allowed/,
  ));

test('a loss that is no number ends it, and keeps the evidence', async () => {
  const job = jobOf('infinite', { optimiser: { ...jobOf('x').optimiser, learningRate: 1e30 } });
  await assert.rejects(runTraining(job, hooksOf()), /The loss of step \d is .* described in .*failed\.json/);
  const evidence = JSON.parse(readFileSync(`${job.checkpointPath}.failed.json`, 'utf8')) as {
    step: number;
    items: number[];
    losses: number[];
  };
  assert.equal(evidence.losses.length, evidence.step - 1);
  assert.equal(evidence.items.length, 3);
  assert.ok(existsSync(job.checkpointPath), 'the last checkpoint before it');
});

test('precision is asked for, and the result says what it was', async () => {
  const floats = await runTraining(jobOf('floats', { nSteps: 1 }), hooksOf());
  assert.equal(floats.precision, 'float32');
  const byDefault = trainingJobSchema.parse({ ...jobOf('integers', { nSteps: 1 }), precision: undefined });
  const integers = await runTraining(byDefault, hooksOf());
  assert.equal(integers.precision, (await canMultiplyIntegers()) ? 'int8' : 'float32');
});

test('a damaged dataset is refused', () =>
  assert.rejects(runTraining(jobOf('lost', { datasetDigest: 'f'.repeat(64) }), hooksOf()), /is broken/));
