/** What a training needs to go on after a kill as if nothing had happened, in one file: a JSON line, then the numbers. */

import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { digestOf } from '../../base/digest.ts';
import { writeFileAtomic } from '../../base/writeFile.ts';
import type { TrainerState } from '../lora/trainer.ts';
import type { TrainingResult } from './trainingJob.ts';

export interface Checkpoint {
  readonly trainer: TrainerState;
  readonly nSteps: number;
  readonly losses: readonly number[];
  readonly nTokens: number;
  readonly durationMs: number;
  readonly nllBefore: readonly number[];
  readonly validation: TrainingResult['validation'];
}

const headSchema = z.object({
  version: z.literal(1),
  /** Digest of the job: another dataset or other options have another. */
  job: z.string(),
  step: z.int(),
  nSteps: z.int(),
  losses: z.array(z.number()),
  nTokens: z.int(),
  durationMs: z.number(),
  nllBefore: z.array(z.number()),
  validation: z.array(z.object({ step: z.int(), nll: z.number() })).default([]),
  /** Length of each of the three arrays: parameters, and AdamW's two moments. */
  nParameters: z.int(),
  /** SHA-256 of the numbers. */
  numbers: z.string(),
});

/** @throws IdiomError `diskFull` or `notPermitted`; the checkpoint before stays. */
export function writeCheckpoint(path: string, job: string, checkpoint: Checkpoint): void {
  const { trainer, nSteps, losses, nTokens, durationMs, nllBefore, validation } = checkpoint;
  const numbers = Buffer.concat([trainer.parameters, trainer.m, trainer.v].map(bytesOf));
  const head = JSON.stringify({
    version: 1,
    job,
    step: trainer.step,
    ...{ nSteps, losses, nTokens, durationMs, nllBefore, validation },
    nParameters: trainer.parameters.length,
    numbers: digestOf(numbers),
  });
  writeFileAtomic(path, Buffer.concat([Buffer.from(`${head}\n`), numbers]));
}

/** Undefined when there is none, it is of another job, or it is damaged: then the training begins anew. */
export function readCheckpoint(path: string, job: string): Checkpoint | undefined {
  try {
    const file = readFileSync(path);
    const headEnd = file.indexOf('\n');
    const head = headSchema.parse(JSON.parse(file.toString('utf8', 0, headEnd)));
    const numbers = file.subarray(headEnd + 1);
    const { nParameters, step } = head;
    if (head.job !== job || numbers.length !== 12 * nParameters || digestOf(numbers) !== head.numbers)
      return undefined;
    const all = new Float32Array(Uint8Array.from(numbers).buffer);
    const [parameters, m, v] = [0, 1, 2].map((i) => all.slice(i * nParameters, (i + 1) * nParameters));
    if (parameters === undefined || m === undefined || v === undefined) return undefined;
    return { ...head, trainer: { step, parameters, m, v } };
  } catch {
    return undefined;
  }
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
}

function bytesOf(numbers: Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
