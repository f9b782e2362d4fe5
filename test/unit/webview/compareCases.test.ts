/** Which cases of two versions stand side by side, and in which order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult, EvalReport } from '../../../protocol/evalReport.ts';
import { compareVersions, filterCases } from '../../../webview/compareCases.ts';
import type { CaseFilter } from '../../../webview/compareCases.ts';

/** A case for each path: the champion's and the candidate's nats per token. */
function report(champion: string, sides: Readonly<Record<string, readonly [number, number]>>): EvalReport {
  const cases = Object.entries(sides).map(([path, [before, now]]): CaseResult => ({
    set: 'repository',
    path,
    languageId: 'typescript',
    line: 1,
    commit: 'c0ffee',
    before: '',
    middle: 'x',
    champion: { nll: before, text: 'old' },
    candidate: { nll: now, text: path === 'same.ts' ? 'old' : 'new' },
  }));
  return { champion, cases } as unknown as EvalReport;
}

function check(
  [left, right]: readonly [string, string],
  reports: Readonly<Record<string, EvalReport | null>>,
  expected: readonly (readonly [string, number, number])[] | undefined,
): number | undefined {
  const compared = compareVersions(left, right, new Map(Object.entries(reports)));
  const seen = compared?.cases.map((each) => [each.path, each.left.nll, each.right.nll] as const);
  assert.deepEqual(seen, expected);
  return compared?.nLeftOut;
}

test('what a version was judged against stands left in its own report', () =>
  void check(['task', 'b'], { b: report('task', { 'x.ts': [2, 1] }) }, [['x.ts', 2, 1]]));
test('the other way round the sides change', () =>
  void check(['b', 'task'], { b: report('task', { 'x.ts': [2, 1] }) }, [['x.ts', 1, 2]]));
test('the largest change comes first, for better or worse', () =>
  void check(['task', 'b'], { b: report('task', { 'x.ts': [2, 1.9], 'y.ts': [1, 3], 'z.ts': [2, 1] }) }, [
    ['y.ts', 1, 3],
    ['z.ts', 2, 1],
    ['x.ts', 2, 1.9],
  ]));
test('two reports are matched case by case, and the rest is counted', () => {
  const reports = {
    a: report('task', { 'x.ts': [3, 2], 'y.ts': [3, 3] }),
    b: report('other', { 'x.ts': [9, 1] }),
  };
  assert.equal(check(['a', 'b'], reports, [['x.ts', 2, 1]]), 1);
});
test('a report that is not there yet', () =>
  void check(['a', 'b'], { b: report('task', { 'x.ts': [2, 1] }) }, undefined));
test('a version that was not judged', () =>
  void check(['a', 'b'], { a: null, b: report('task', {}) }, undefined));

function checkFilter(filter: CaseFilter, expected: readonly string[]): void {
  const sides = { 'worse.ts': [1, 2], 'better.ts': [2, 1], 'same.ts': [1, 1] } as const;
  const compared = compareVersions('task', 'b', new Map([['b', report('task', sides)]]));
  const paths = filterCases(compared?.cases ?? [], filter).map(({ path }) => path);
  assert.deepEqual(paths.sort(), expected);
}

test('all', () => checkFilter('all', ['better.ts', 'same.ts', 'worse.ts']));
test('better', () => checkFilter('better', ['better.ts']));
test('worse', () => checkFilter('worse', ['worse.ts']));
test('other text', () => checkFilter('otherText', ['better.ts', 'worse.ts']));
