/** What is served is what was trained: llama.cpp with the exported adapter finds tokens as likely as the trainer does. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { neverAborts } from '../../server/base/abort.ts';
import { digestFile } from '../../server/base/digest.ts';
import type { AdapterFile } from '../../server/llama/engine.ts';
import { exportLoraGguf } from '../../server/training/lora/exportAdapter.ts';
import type { TrainExample } from '../../server/training/lora/microBatches.ts';
import type { Trainer } from '../../server/training/lora/trainer.ts';
import { startEngine, testModelPath } from '../engine/startEngine.ts';
import {
  openRecorded,
  readRecorded,
  referenceFolder,
  restoreParameters,
} from '../support/recordedTraining.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-served-'));
after(() => rmSync(folder, { recursive: true }));

const text = `export function totalByDay(sales: readonly Sale[], nDays: number): number[] {
  const totals = new Array<number>(nDays).fill(0);
  for (const sale of sales) totals[sale.day] += sale.price;
`;

interface Tolerance {
  /** Of the mean over all tokens, in nats; what a gate compares. */
  readonly total: number;
  /** Of one token: the mean and the largest difference. */
  readonly mean: number;
  readonly max: number;
}

interface Law {
  readonly recorded: string;
  readonly modelPath: string;
  readonly tolerance: Tolerance;
}

/** llama.cpp keeps keys and values in half precision. */
const ofHalf: Tolerance = { total: 0.001, mean: 0.005, max: 0.02 };
/**
 * With quantised weights it also rounds activations to 8 bits. That is all of the difference: with the same weights stored
 * as F32 it was 0.0003, 0.002 and 0.02 for the base model, and less with an adapter.
 */
const ofQuantised: Tolerance = { total: 0.03, mean: 0.12, max: 0.7 };

const laws: readonly Law[] = [
  { recorded: 'tinyLlama', modelPath: join(referenceFolder, 'tinyLlama.gguf'), tolerance: ofHalf },
  { recorded: 'tinyQwen2', modelPath: join(referenceFolder, 'tinyQwen2.gguf'), tolerance: ofHalf },
  { recorded: 'embedded', modelPath: testModelPath, tolerance: ofQuantised },
];

for (const { recorded, modelPath, tolerance } of laws) {
  test(`${recorded}: base, trained and fresh adapter`, async () => {
    const values = readRecorded(recorded);
    const trainer = await openRecorded(modelPath, values, { trainer: { onnx: { threads: 2 } } });
    const engine = startEngine({ contextTokens: 200 });
    try {
      await engine.load(modelPath);
      const [tokens = []] = await engine.tokenize([text]);
      const example = { tokens, lossWeights: tokens.map(() => 1) };
      const served = (adapter?: AdapterFile) => engine.score({ tokens, from: 1, adapter }, neverAborts);

      const base = await served();
      isNear(base, await trained(trainer, example, true), tolerance);

      for (let step = 0; step < 3; step++) await trainer.step([example]);
      const withAdapter = await served(await exported(trainer, 'trained.gguf'));
      isNear(withAdapter, await trained(trainer, example, false), tolerance);
      assert(
        mean(base) - mean(withAdapter) > 10 * tolerance.mean,
        'the adapter has taught too little to tell',
      );

      restoreParameters(trainer, withoutB(trainer));
      assert.deepEqual(await served(await exported(trainer, 'fresh.gguf')), base);
      assert.deepEqual(await served(), base);
    } finally {
      trainer.dispose();
      engine.dispose();
    }
  });
}

async function trained(trainer: Trainer, example: TrainExample, isBaseAlone: boolean): Promise<number[]> {
  const [nll] = await trainer.evaluate([example], { isBaseAlone });
  return [...(nll ?? [])].slice(1);
}

async function exported(trainer: Trainer, name: string): Promise<AdapterFile> {
  const path = join(folder, name);
  await exportLoraGguf(path, trainer, 'F16');
  return { path, digest: await digestFile(path) };
}

function withoutB(trainer: Trainer): Float32Array {
  const parameters = trainer.parameters.slice();
  for (const { half, start, length } of trainer.layout.matrices)
    if (half === 'loraB') parameters.fill(0, start, start + length);
  return parameters;
}

function isNear(actual: readonly number[], expected: readonly number[], tolerance: Tolerance): void {
  assert.equal(actual.length, expected.length);
  const differences = actual.map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
  const total = Math.abs(mean(actual) - mean(expected));
  assert(total <= tolerance.total, `their means differ by ${total}`);
  assert(mean(differences) <= tolerance.mean, `they differ by ${mean(differences)} in the mean`);
  assert(Math.max(...differences) <= tolerance.max, `they differ by up to ${Math.max(...differences)}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
