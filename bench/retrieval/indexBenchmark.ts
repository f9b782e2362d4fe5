/** The budgets of the retrieval index on a generated tree of a million lines, and on the folder IDIOM_BENCH_TREE names. */

import { mkdtempSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Benchmark, BenchContext, BenchmarkResult, Figure } from '../benchmark.ts';
import { scaled } from '../benchmark.ts';
import { generateTree } from './generateTree.ts';
import { measureIndex } from './measureIndex.ts';
import type { IndexMeasures } from './measureIndex.ts';

const nLines = 1_000_000;
const nQueries = 200;

export const index: Benchmark = {
  name: 'index',
  question: 'What do indexing and querying a large tree cost, beside scanning it and a plain FTS5 table?',
  run,
};

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const generated = join(context.workFolder, 'tree');
  generateTree(generated, scaled(context, nLines), 1);
  const trees = [{ name: 'generated', root: generated, ending: '' }];
  const real = process.env['IDIOM_BENCH_TREE'];
  if (real !== undefined) trees.push({ name: basename(real), root: real, ending: `, ${basename(real)}` });
  const figures: Figure[] = [];
  const input: Record<string, string | number> = {};
  for (const { name, root, ending } of trees) {
    context.tell(`tree ${name} is there`);
    const folder = mkdtempSync(join(context.workFolder, 'index-'));
    const measures = await measureIndex(root, folder, scaled(context, nQueries), context.tell);
    figures.push(...figuresOf(measures).map((figure) => ({ ...figure, name: figure.name + ending })));
    input[`lines of ${name}`] = measures.lines;
    input[`files of ${name}`] = measures.files;
    input[`processor seconds of indexing ${name}`] = measures.indexCpuSeconds ?? 'unknown';
  }
  return {
    figures,
    remarks: [
      'The plain table holds 20-line windows with their text and ranks them with the bm25 of SQLite; the scan reads every file.',
      'Changing one file counts from the message to the child until it has stored the file.',
    ],
    input,
  };
}

function figuresOf(measures: IndexMeasures): Figure[] {
  const { plainFts5, queryMs, scanMs } = measures;
  const perMillion = (seconds: number) => (seconds / measures.lines) * 1e6;
  const compare = (
    name: string,
    unit: string,
    measured: number,
    reference: number,
    atMost?: number,
  ): Figure => ({
    name,
    unit,
    measured,
    reference,
    ratio: measured / reference,
    ...(atMost === undefined ? {} : { budget: { of: 'measured', atMost } }),
  });
  const peak: Figure[] =
    measures.peakMb === undefined
      ? []
      : [
          {
            name: 'peak memory of indexing',
            unit: 'MB',
            measured: measures.peakMb,
            budget: { of: 'measured', atMost: 300 },
          },
        ];
  return [
    compare(
      'a million lines, plain table',
      's',
      perMillion(measures.indexSeconds),
      perMillion(plainFts5.indexSeconds),
      60,
    ),
    ...peak,
    compare('index / source, plain table', '', measures.indexPerSource, plainFts5.indexPerSource, 0.4),
    compare('query p50, plain table', 'ms', queryMs.p50, plainFts5.queryMs.p50),
    compare('query p95, plain table', 'ms', queryMs.p95, plainFts5.queryMs.p95, 10),
    { name: 'processor time of a query', unit: 'ms', measured: measures.queryCpuMs },
    compare('query p50, scan', 'ms', queryMs.p50, scanMs.p50),
    {
      name: 'one changed file p95',
      unit: 'ms',
      measured: measures.changedFileMs.p95,
      budget: { of: 'measured', atMost: 50 },
    },
  ];
}
