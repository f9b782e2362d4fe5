/** `node scripts/run.mjs scripts/taskAdapter/train.ts --dataset DIGEST`: trains the task adapter and puts it into media/. */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { neverAborts } from '../../server/base/abort.ts';
import { digestFile } from '../../server/base/digest.ts';
import { startTraining } from '../../server/training/run/trainerProcess.ts';
import { trainingJobSchema } from '../../server/training/run/trainingJob.ts';
import type { TrainingJob, TrainingResult } from '../../server/training/run/trainingJob.ts';
import { meanOf } from '../../server/stats/mean.ts';

const root = join(import.meta.dirname, '..', '..');
const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: process.env['IDIOM_TEST_MODEL'] ?? '' },
    out: { type: 'string', default: join(root, '.cache', 'taskAdapter') },
    dataset: { type: 'string', default: '' },
    'budget-minutes': { type: 'string', default: '120' },
    /** Instead of a budget. */
    steps: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** GGUF file of an adapter to go on from. */
    parent: { type: 'string' },
    'learning-rate': { type: 'string', default: '8e-4' },
    'tokens-per-step': { type: 'string', default: '2048' },
    precision: { type: 'string', default: 'float32' },
    threads: { type: 'string', default: '0' },
  },
});
const out = resolve(flags.out);

const job = trainingJobSchema.parse({
  basePath: resolve(flags.model),
  baseName: 'SmolLM2-135M-Instruct',
  datasetsFolder: join(out, 'datasets'),
  datasetDigest: flags.dataset,
  // The lower layers of a small model change little in learning a format, and cost as much as the upper ones in serving.
  lora: { r: 16, loraAlpha: 32, firstLayer: 8, seed: Number(flags.seed) },
  ...(flags.parent === undefined ? {} : { parentPath: resolve(flags.parent) }),
  ...{ precision: flags.precision, threads: Number(flags.threads) },
  optimiser: { learningRate: Number(flags['learning-rate']), schedule: 'cosine', finalFraction: 0.05 },
  warmupShare: 0.05,
  tokensPerStep: Number(flags['tokens-per-step']),
  budgetMs: Number(flags['budget-minutes']) * 60_000,
  ...(flags.steps === undefined ? {} : { nSteps: Number(flags.steps) }),
  seed: Number(flags.seed),
  nEvaluationCases: 64,
  checkpointPath: join(out, 'task.checkpoint'),
  outFolder: join(out, 'trained'),
});
rmSync(job.outFolder, { recursive: true, force: true });
let told = '';
const running = startTraining(
  job,
  (progress) => {
    const line = JSON.stringify(progress);
    if (line !== told) console.log(line);
    told = line;
  },
  neverAborts,
);
await putIntoMedia(job, await running.result);

/** `media/taskAdapter/`: the GGUF file, its lineage, and what trainings of repositories mix in, with its licences. */
async function putIntoMedia(done: TrainingJob, result: TrainingResult): Promise<void> {
  const media = join(root, 'media', 'taskAdapter');
  mkdirSync(media, { recursive: true });
  copyFileSync(join(done.outFolder, 'adapter.gguf'), join(media, 'adapter.gguf'));
  for (const name of ['replay.jsonl.gz', 'heldOut.jsonl.gz'])
    copyFileSync(join(out, name), join(media, name));
  const notices = ['notices.txt', 'historyNotices.txt'].map((name) => join(out, name)).filter(existsSync);
  const texts = notices.map((path) => readFileSync(path, 'utf8'));
  writeFileSync(join(media, 'notices.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
  const { lora, optimiser, seed, provider } = done;
  const lineage = {
    version: 1,
    digest: await digestFile(join(media, 'adapter.gguf')),
    repoId: 'task',
    repoName: 'task',
    asOf: '',
    baseDigest: await digestFile(done.basePath),
    baseName: done.baseName,
    datasetDigest: done.datasetDigest,
    ...(done.parentPath === undefined ? {} : { parentDigest: await digestFile(done.parentPath) }),
    idiomVersion: '0.1.0',
    createdAtMs: Date.now(),
    ...{ lora, optimiser, seed, provider },
    training: {
      precision: result.precision,
      nSteps: result.nSteps,
      nTokens: result.nTokens,
      durationMs: Math.round(result.durationMs),
      nllBefore: rounded(meanOf(result.nllBefore)),
      nllAfter: rounded(meanOf(result.nllAfter)),
      nEvaluationCases: result.nllAfter.length,
    },
  };
  writeFileSync(join(media, 'lineage.json'), `${JSON.stringify(lineage, undefined, 2)}\n`);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
