/** Benchmarks' own arithmetic: medians of pairs, budgets, and what the table shows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isWithinBudget } from '../../../bench/benchmark.ts';
import type { Figure } from '../../../bench/benchmark.ts';
import { drawCases } from '../../../bench/cases.ts';
import { medianRatio, quantile } from '../../../bench/measure.ts';
import { formatResult } from '../../../bench/report.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('quantiles are interpolated', () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2], 0.5), 1.5);
  assert.equal(quantile([0, 10], 0.95), 9.5);
  assert.equal(quantile([7], 0.95), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('the ratio is the median of the ratios of pairs, so one slow pair does not count', () => {
  const pairs = [
    { measured: 1, reference: 2 },
    { measured: 100, reference: 200 },
    { measured: 50, reference: 10 },
  ];
  assert.equal(medianRatio(pairs), 0.5);
});

/** Whether a figure with this budget is marked as within it, over it, or not at all. */
function check(figure: Partial<Figure>, expected: boolean | undefined): void {
  assert.equal(isWithinBudget({ name: 'x', measured: 10, unit: 'ms', ...figure }), expected);
}

test('without a budget nothing is judged', () => check({}, undefined));
test('a measurement within its budget', () => check({ budget: { of: 'measured', atMost: 10 } }, true));
test('a measurement over its budget', () => check({ budget: { of: 'measured', atMost: 9 } }, false));
test('a ratio within its budget', () => check({ ratio: 0.3, budget: { of: 'ratio', atMost: 0.33 } }, true));
test('a ratio over its budget', () => check({ ratio: 0.4, budget: { of: 'ratio', atMost: 0.33 } }, false));
test('a ratio that could not be measured', () => check({ budget: { of: 'ratio', atMost: 1 } }, undefined));

test('a table shows three digits, budgets and remarks, and leaves out what did not happen', () => {
  const figures: Figure[] = [
    { name: 'own', measured: 12.345, unit: 'ms', budget: { of: 'measured', atMost: 15 } },
    { name: 'whole', measured: 1234.5, reference: 2000, unit: 'ms', ratio: 0.6 },
    { name: 'nothing', measured: NaN, unit: 'ms' },
  ];
  assert.equal(
    formatResult({ figures, remarks: ['A remark.'], input: {} }),
    [
      '       measured  reference  unit  ratio      budget',
      'own        12.3             ms           <= 15.0 ms  within',
      'whole      1235       2000  ms    0.600',
      '* A remark.',
    ].join('\n'),
  );
});

test('the same seed draws the same places, each of a file of its own first', () => {
  const cases = drawCases(root, 20, 1);
  assert.deepEqual(cases, drawCases(root, 20, 1));
  assert.notDeepEqual(cases, drawCases(root, 20, 2));
  assert.equal(new Set(cases.map(({ repoName, path }) => repoName + path)).size, 20);
  for (const { prefix, middle, suffix } of cases) assert.ok(prefix && middle && suffix !== undefined);
});
