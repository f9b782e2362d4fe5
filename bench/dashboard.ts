/** How long the dashboard's answer takes over a long past, and for how long at most it keeps the daemon from a keystroke. */

import { join } from 'node:path';
import { openGround } from '../server/store/ground.ts';
import { createAdapterRegistry } from '../server/registry/adapterRegistry.ts';
import { listVersions } from '../server/registry/listVersions.ts';
import { dashboardOf } from '../server/lsp/dashboard.ts';
import { seedLearning } from '../test/support/seedLearning.ts';
import type { Benchmark, BenchContext, BenchmarkResult } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { quantile } from './measure.ts';

const nVersions = 1000;
const nSuggestions = 100_000;
const nCasesPerReport = 100;
const nContextChars = 1500;
const nDays = 89;

export const dashboard: Benchmark = {
  name: 'dashboard',
  question: 'How long does the dashboard take over 1,000 versions and 100,000 outcomes?',
  run,
};

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const nowMs = Date.now();
  const path = join(context.workFolder, 'dashboard.sqlite');
  const key = { repoId: 'repo', baseDigest: 'base' };
  context.tell(`making ${nSuggestions} suggestions and ${nVersions} versions`);
  const adaptersFolder = join(context.workFolder, 'adapters');
  const made = openGround(path, { nowMs: () => nowMs }).ground;
  seedLearning(made, {
    ...key,
    nowMs,
    nVersions,
    nSuggestions,
    nCasesPerReport,
    nContextChars,
    nDays,
    adaptersFolder,
  });
  made.dispose();

  // Opened again, so that nothing of the making is in SQLite's own cache.
  const { ground } = openGround(path, { nowMs: () => nowMs });
  const clock = { nowMs: () => nowMs };
  const registry = createAdapterRegistry({ ground, adaptersFolder, taskAdapterOf: () => undefined, clock });
  const runs: Timed[] = [];
  for (let index = 0; index < scaled(context, 10); index++) {
    runs.push(
      await timed(async () => {
        const versions = listVersions(registry, key.repoId);
        await dashboardOf({
          learning: { repoId: key.repoId } as never,
          versions: { repoId: key.repoId, name: 'repo', versions, aliases: {} },
          ground,
          index: undefined,
          builtIn: undefined,
          folders: { data: context.workFolder, models: context.workFolder },
          nowMs,
        });
      }),
    );
  }
  ground.dispose();
  const totals = runs.map(({ totalMs }) => totalMs);
  return {
    figures: [
      {
        name: 'first answer',
        measured: totals[0] ?? 0,
        unit: 'ms',
        budget: { of: 'measured', atMost: 1000 },
      },
      {
        name: 'answer, p50',
        measured: quantile(totals, 0.5),
        unit: 'ms',
        budget: { of: 'measured', atMost: 1000 },
      },
      {
        name: 'longest hold of the thread, p50',
        measured: quantile(
          runs.map((each) => each.longestMs),
          0.5,
        ),
        unit: 'ms',
      },
    ],
    remarks: ['The daemon alone: neither the way to the editor nor drawing is in it.'],
    input: { nVersions, nSuggestions, nCasesPerReport, nContextChars, nDays },
  };
}

interface Timed {
  readonly totalMs: number;
  /** Longest time without a turn of the event loop. */
  readonly longestMs: number;
}

async function timed(body: () => Promise<void>): Promise<Timed> {
  let [last, longestMs] = [performance.now(), 0];
  let isOver = false;
  const turn = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const startMs = performance.now();
  await body();
  const totalMs = performance.now() - startMs;
  isOver = true;
  turn();
  return { totalMs, longestMs };
}
