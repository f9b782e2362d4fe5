/** One side of the comparison: a process that trains one step whenever it is told to. */

import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { trainerEnvironment } from '../../server/training/run/trainerProcess.ts';
import type { StepLine, TrainingJob } from './trainingJob.ts';

export interface Contender {
  readonly name: string;
  /** Trains one step. @throws Error when the process has ended. */
  step(): Promise<StepLine>;
  /** Resolves when the process is gone. */
  close(): Promise<void>;
}

export interface ContenderOptions {
  readonly name: string;
  /** A Python with torch and peft; undefined: Idiom's own trainer. */
  readonly python: string | undefined;
  readonly job: TrainingJob;
  readonly folder: string;
}

export function startContender({ name, python, job, folder }: ContenderOptions): Contender {
  const jobPath = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(jobPath, JSON.stringify(job));
  const script = join(import.meta.dirname, python === undefined ? 'trainOnce.ts' : 'trainOnce.py');
  const args = python === undefined ? ['--disable-warning=ExperimentalWarning', script] : [script];
  const ownEnvironment = python === undefined ? trainerEnvironment : {};
  const child = spawn(python ?? process.execPath, [...args, jobPath], {
    // PyTorch's threads spin while they wait, which on a busy machine made it ten times slower; ours do not, so neither may they.
    env: {
      ...process.env,
      ...ownEnvironment,
      OMP_NUM_THREADS: String(job.threads),
      OMP_WAIT_POLICY: 'PASSIVE',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const hasEnded = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async step() {
      child.stdin.write('\n');
      const line = await lines.next();
      if (line.done === true) throw new Error(`${name} ended before its work was done.`);
      return JSON.parse(line.value) as StepLine;
    },
    async close() {
      child.stdin.end();
      await hasEnded;
    },
  };
}

/** `IDIOM_BENCH_PYTHON`, else python3, if it has what the comparison needs. */
export function findPython(): string | undefined {
  const python = process.env['IDIOM_BENCH_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import torch, transformers, peft, gguf'], { stdio: 'ignore' });
    return python;
  } catch {
    return undefined;
  }
}
