/** How long the bundled extension takes to load and activate, in a fresh process each time. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBundles } from '../scripts/build.ts';
import type { Benchmark, BenchContext, BenchmarkResult } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { quantile } from './measure.ts';

const nRuns = 20;
const budgetMs = 100;

export const activation: Benchmark = {
  name: 'activation',
  question: 'How long does the extension take to load and activate?',
  run,
};

interface Activation {
  readonly loadMs: number;
  readonly activateMs: number;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const folder = join(context.root, '.cache', 'bench');
  await buildBundles(folder, true);
  const runs: Activation[] = [];
  for (let i = -1; i < scaled(context, nRuns); i++) {
    const once = await activateOnce(join(folder, 'extension.cjs'), context.workFolder);
    // The first one reads the file from the disk.
    if (i >= 0) runs.push(once);
  }
  const wholeMs = runs.map(({ loadMs, activateMs }) => loadMs + activateMs);
  return {
    figures: [
      { name: 'load and activate, p50', measured: quantile(wholeMs, 0.5), unit: 'ms' },
      {
        name: 'load and activate, p95',
        measured: quantile(wholeMs, 0.95),
        unit: 'ms',
        budget: { of: 'measured', atMost: budgetMs },
      },
      {
        name: '- of it loading, p50',
        measured: quantile(
          runs.map((one) => one.loadMs),
          0.5,
        ),
        unit: 'ms',
      },
      {
        name: '- of it activate(), p50',
        measured: quantile(
          runs.map((one) => one.activateMs),
          0.5,
        ),
        unit: 'ms',
      },
    ],
    remarks: [
      'The release bundle under Node with a stand-in for `vscode` that does nothing: what the editor itself does with each registration is not in it.',
    ],
    input: { nRuns: runs.length },
  };
}

async function activateOnce(bundle: string, workFolder: string): Promise<Activation> {
  const script = join(import.meta.dirname, 'activateOnce.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, bundle, workFolder], {
    env: { ...process.env, IDIOM_HOME: workFolder, NODE_NO_WARNINGS: '1' },
  });
  return JSON.parse(stdout) as Activation;
}
