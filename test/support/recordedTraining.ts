/** What PyTorch and PEFT computed in a training, as scripts/referenceValues/training.py recorded it, and the same training here. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import { loraOptionsSchema, optimiserOptionsSchema } from '../../server/training/lora/loraOptions.ts';
import type { LoraOptions } from '../../server/training/lora/loraOptions.ts';
import type { TrainExample } from '../../server/training/lora/microBatches.ts';
import { createTrainer } from '../../server/training/lora/trainer.ts';
import type { Trainer, TrainerOptions } from '../../server/training/lora/trainer.ts';

export interface RecordedTraining {
  /** SHA-256 of the base model's file. */
  readonly baseDigest: string;
  readonly setting: {
    readonly r: number;
    readonly loraAlpha: number;
    readonly size: number;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly maxGradientNorm: number;
  };
  readonly examples: readonly { readonly tokens: readonly number[]; readonly weights: readonly number[] }[];
  /** Of every predicted token of every example, in order. */
  readonly baseNll: readonly number[];
  readonly first: {
    readonly loss: number;
    readonly gradientNorms: readonly number[];
    readonly gradients?: readonly number[];
  };
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  readonly trainedNll: readonly number[];
  readonly trained?: readonly number[];
}

/** `IDIOM_REFERENCE_VALUES` names a folder with values recorded just now; else those of the repository are read. */
export const referenceFolder =
  process.env['IDIOM_REFERENCE_VALUES'] ??
  join(fileURLToPath(new URL('../fixtures/training', import.meta.url)));

export function readRecorded(name: string): RecordedTraining {
  return JSON.parse(readFileSync(join(referenceFolder, `${name}.json`), 'utf8')) as RecordedTraining;
}

export function examplesOf(recorded: RecordedTraining): TrainExample[] {
  return recorded.examples.map(({ tokens, weights }) => ({ tokens, lossWeights: weights }));
}

/** Every token counts, so that each gets its negative log-likelihood. */
export function wholeExamplesOf(recorded: RecordedTraining): TrainExample[] {
  return recorded.examples.map(({ tokens }) => ({ tokens, lossWeights: tokens.map(() => 1) }));
}

/** A trainer with the recorded settings, and the initial adapter that follows from the recording's formula. */
export async function openRecorded(
  modelPath: string,
  recorded: RecordedTraining,
  changes: { readonly lora?: Partial<LoraOptions>; readonly trainer?: Partial<TrainerOptions> } = {},
): Promise<Trainer> {
  const { r, loraAlpha, learningRate, weightDecay, maxGradientNorm, size } = recorded.setting;
  const trainer = await createTrainer({
    base: await readGgufHeader(modelPath),
    lora: loraOptionsSchema.parse({ r, loraAlpha, ...changes.lora }),
    optimiser: optimiserOptionsSchema.parse({ learningRate, weightDecay, maxGradientNorm }),
    onnx: { threads: 1 },
    limits: { bucketTokens: 16, maxTokens: 64 },
    ...changes.trainer,
  });
  restoreParameters(trainer, initialParameters(trainer.layout.nParameters, size));
  return trainer;
}

export function restoreParameters(trainer: Trainer, parameters: Float32Array): void {
  const zeros = new Float32Array(parameters.length);
  trainer.restore({ step: 0, parameters, m: zeros, v: zeros });
}

/** Largest relative difference, where numbers below `floor` count as `floor`. */
export function isNear(
  actual: ArrayLike<number>,
  expected: readonly number[],
  within: number,
  what: string,
  floor = 1,
): void {
  assert.equal(actual.length, expected.length, what);
  const worst = expected
    .map((value, i) => Math.abs((actual[i] ?? NaN) - value) / Math.max(floor, Math.abs(value)))
    .reduce((max, difference) => (difference <= max ? max : difference), 0);
  assert(worst <= within, `${what} differ by ${worst}, more than ${within}`);
}

/** As `initial` in the script. */
function initialParameters(length: number, size: number): Float32Array {
  return Float32Array.from(
    { length },
    (_, i) => ((Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) * size,
  );
}
