/** Prints a benchmark's figures as a table and stores them as JSON; measures nothing. */

import { join } from 'node:path';
import { writeFileAtomic } from '../server/base/writeFile.ts';
import { isWithinBudget } from './benchmark.ts';
import type { Benchmark, BenchmarkResult, Figure } from './benchmark.ts';
import type { MachineFacts } from './machineFacts.ts';

export interface StoredResult extends BenchmarkResult {
  readonly name: string;
  readonly question: string;
  readonly machine: MachineFacts;
}

export function storeResult(
  root: string,
  { name, question }: Benchmark,
  result: BenchmarkResult,
  machine: MachineFacts,
): void {
  const figures = result.figures.filter(isKnown);
  const stored: StoredResult = { name, question, machine, ...result, figures };
  writeFileAtomic(
    join(root, 'bench', 'results', `${name}.json`),
    `${JSON.stringify(stored, undefined, 2)}\n`,
  );
}

export function formatResult(result: BenchmarkResult): string {
  const header = ['', 'measured', 'reference', 'unit', 'ratio', 'budget', ''];
  const rows = [header, ...result.figures.filter(isKnown).map(rowOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 3 || column === 6
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...result.remarks.map((remark) => `* ${remark}`)].join('\n');
}

/** Where nothing of a kind happened there is nothing to show. */
const isKnown = (figure: Figure): boolean => !Number.isNaN(figure.measured);

function rowOf(figure: Figure): string[] {
  const { name, measured, reference, unit, ratio, budget } = figure;
  const isWithin = isWithinBudget(figure);
  return [
    name,
    formatNumber(measured),
    reference === undefined ? '' : formatNumber(reference),
    unit,
    ratio === undefined ? '' : ratio.toFixed(3),
    budget === undefined
      ? ''
      : `<= ${formatNumber(budget.atMost)}${budget.of === 'ratio' ? ' (ratio)' : ` ${unit}`}`,
    isWithin === undefined ? '' : isWithin ? 'within' : 'OVER',
  ];
}

/** Three significant digits, and no exponent. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return String(value);
  const nDecimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(nDecimals, 6));
}
