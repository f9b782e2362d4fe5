/** Runs the benchmarks that are named, or all, prints each as a table and stores it in bench/results/. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { neverAborts } from '../server/base/abort.ts';
import { describeError } from '../server/base/errors.ts';
import { homeFolders } from '../server/base/homeFolders.ts';
import { resolveBaseModel } from '../server/llama/resolveBaseModel.ts';
import { activation } from './activation.ts';
import { adapters } from './adapters.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { dashboard } from './dashboard.ts';
import { editor } from './editor/editor.ts';
import { machineFacts } from './machineFacts.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { index } from './retrieval/indexBenchmark.ts';
import { requantised } from './requantised.ts';
import { formatResult, storeResult } from './report.ts';
import { speed } from './speed.ts';
import { training } from './training/trainingBenchmark.ts';
import { typing } from './typing.ts';

const benchmarks: readonly Benchmark[] = [
  overhead,
  typing,
  speed,
  requantised,
  adapters,
  memory,
  activation,
  index,
  dashboard,
  training,
  editor,
];
const root = join(import.meta.dirname, '..');

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    /** Multiplies rounds and cases. */
    effort: { type: 'string', default: '1' },
    /** Another checkout, built, for benchmarks that compare with one. */
    against: { type: 'string' },
    list: { type: 'boolean', default: false },
    /** Print only. */
    'no-store': { type: 'boolean', default: false },
  },
});
process.exitCode = await main();

async function main(): Promise<number> {
  const effort = Number(options.effort);
  const unknown = names.filter((name) => benchmarks.every((benchmark) => benchmark.name !== name));
  if (unknown.length > 0 || !(effort > 0)) {
    console.error(`Name some of ${benchmarks.map(({ name }) => name).join(', ')}; --effort is above 0.`);
    return 2;
  }
  if (options.list) {
    for (const { name, question } of benchmarks) console.log(`${name.padEnd(12)} ${question}`);
    return 0;
  }
  const workFolder = mkdtempSync(join(tmpdir(), 'idiom-bench-'));
  try {
    const modelPath = await findModel();
    const context: BenchContext = {
      root,
      modelPath,
      workFolder,
      effort,
      against: options.against === undefined ? undefined : resolve(options.against),
      tell: (line) => console.error(`  ${line}`),
    };
    const chosen = benchmarks.filter(({ name, isOnlyByName }) =>
      names.length === 0 ? isOnlyByName !== true : names.includes(name),
    );
    let nFailed = 0;
    for (const benchmark of chosen) if (!(await runOne(benchmark, context))) nFailed++;
    return nFailed === 0 ? 0 : 1;
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

/** False when it could not be run; the others still are. */
async function runOne(benchmark: Benchmark, context: BenchContext): Promise<boolean> {
  console.log(`\n== ${benchmark.name}: ${benchmark.question}`);
  const machine = machineFacts(root);
  if (machine.loadBefore > 0.5)
    console.log(`* The load of this machine was ${machine.loadBefore} before: others were computing too.`);
  try {
    const startMs = performance.now();
    const result = await benchmark.run(context);
    console.log(formatResult(result));
    console.log(`(${Math.round((performance.now() - startMs) / 1000)} s)`);
    if (!options['no-store']) storeResult(root, benchmark, result, machine);
    return true;
  } catch (error) {
    console.error(`${benchmark.name} could not be run. ${describeError(error)}`);
    return false;
  }
}

/** `IDIOM_BENCH_MODEL`, else the embedded base model, downloaded once. */
async function findModel(): Promise<string> {
  const given = process.env['IDIOM_BENCH_MODEL'] ?? process.env['IDIOM_TEST_MODEL'];
  if (given !== undefined) return given;
  const resolved = await resolveBaseModel({
    ref: 'embedded',
    downloads: 'always',
    modelsDir: homeFolders(process.env).models,
    consent: () => 'allow',
    onProgress: () => undefined,
    signal: neverAborts,
  });
  if (resolved.kind === 'ready') return resolved.path;
  throw new Error('The embedded base model is not there.');
}
