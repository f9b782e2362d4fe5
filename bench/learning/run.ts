/**
 * What training brings, by length, shape, mix and optimiser: trains local repositories from the task adapter, each in
 * several ways (variants.ts), and measures likelihood, exact match and edit similarity on lines newer than all that was
 * learned. What was measured stays in the work folder, and the same command goes on where it was.
 * `node bench/learning/run.ts [--variants A,B] [--lines N] [--work DIR] [--out FILE] REPOSITORY...`; with no repositories
 * it writes the results of what was measured before. docs/learning.md says what came out.
 */

import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../server/base/clock.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { writeFileAtomic } from '../../server/base/writeFile.ts';
import { openRepository } from '../../server/git/repository.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';
import { findTaskAdapter, taskAdapterFiles } from '../../server/registry/taskAdapter.ts';
import { readReplayFile } from '../../server/training/dataset/replayFile.ts';
import { machineFacts } from '../machineFacts.ts';
import { lineLimits, openLineCompleter } from './completeLines.ts';
import type { LineCompleter } from './completeLines.ts';
import { drawCurve } from './drawCurve.ts';
import { measureTraining } from './measureTraining.ts';
import type { Experiment } from './measureTraining.ts';
import { readRecord, writeRecord } from './records.ts';
import { summarise } from './summarise.ts';
import { variants } from './variants.ts';

const root = join(import.meta.dirname, '../..');
const media = join(root, 'media');
const { values: flags, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    variants: { type: 'string', default: 'steps186' },
    /** Held-out lines of each repository that are completed; the likelihood of all of them is measured. */
    lines: { type: 'string', default: '60' },
    work: { type: 'string', default: join(root, '.cache/learningBench') },
    out: { type: 'string', default: join(root, 'bench/results/learning.json') },
  },
});
const work = resolve(flags.work);
const recordsFolder = join(work, 'records');
mkdirSync(recordsFolder, { recursive: true });

process.exitCode = await main();

async function main(): Promise<number> {
  const modelPath = process.env['IDIOM_BENCH_MODEL'] ?? process.env['IDIOM_TEST_MODEL'];
  const names = flags.variants.split(',');
  const unknown = names.filter((name) => !Object.hasOwn(variants, name));
  if (modelPath === undefined || unknown.length > 0) {
    console.error(
      modelPath === undefined
        ? 'Name the embedded base model in IDIOM_BENCH_MODEL.'
        : `There is no variant ${unknown.join(', ')}; there are ${Object.keys(variants).join(', ')}.`,
    );
    return 2;
  }
  if (folders.length > 0) await measureAll(modelPath, names);
  writeResults();
  return 0;
}

async function measureAll(modelPath: string, names: readonly string[]): Promise<void> {
  const contextTokens = lineLimits.maxPromptTokens + lineLimits.maxNewTokens;
  const options = {
    clock: systemClock,
    logger: silentLogger,
    gpu: 'off',
    threads: 0,
    contextTokens,
  } as const;
  const engine = new EngineProcess(options);
  try {
    const info = await engine.load(modelPath);
    for (const folder of folders) await measureRepository(engine, info, folder, names);
  } finally {
    engine.dispose();
  }
}

async function measureRepository(
  engine: EngineProcess,
  info: BaseModelInfo,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error(`${folder} is in no git repository.`);
  const name = basename(repository.root);
  const task = findTaskAdapter(media, info.digest);
  if (task === undefined) throw new Error('There is no task adapter for this base model.');
  const workFolder = join(work, name);
  mkdirSync(workFolder, { recursive: true });
  const replay = readReplayFile(taskAdapterFiles(media).replay);
  const tell = (line: string) => console.error(line);
  const experiment: Experiment = { engine, info, task, replay, workFolder, idiomVersion: '0', tell };
  let completer: Promise<LineCompleter> | undefined;
  const openCompleter = (commit: string) =>
    (completer ??= openLineCompleter({ engine, repository, commit, workFolder }));
  for (const variantName of names) {
    const path = join(recordsFolder, `${name}.${variantName}.json`);
    const variant = variants[variantName];
    if (variant === undefined || readRecord(path) !== undefined) continue;
    const asked = { repository, name, variantName, variant, nLines: Number(flags.lines), openCompleter };
    const record = await measureTraining(experiment, asked);
    writeRecord(path, record);
    console.error(`${name} ${variantName}: ${JSON.stringify(summarise([record]).trainings[0])}`);
  }
  (await completer)?.dispose();
}

function writeResults(): void {
  const records = readdirSync(recordsFolder)
    .sort()
    .flatMap((file) => readRecord(join(recordsFolder, file)) ?? []);
  const results = { machine: machineFacts(root), ...lineLimits, ...summarise(records) };
  const out = resolve(flags.out);
  writeFileAtomic(out, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileAtomic(`${out.replace(/\.json$/, '')}.svg`, drawCurve(records));
  console.error(`Figures in ${out}.`);
}
