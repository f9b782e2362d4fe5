/** Reports in words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorReport, explanation, indexReport, placesIn } from '../../../extension/reportText.ts';
import type { AdapterVersion } from '../../../protocol/learning.ts';
import type { DoctorCheck, ExplainResult, FolderIndex } from '../../../protocol/messages.ts';

const ok: DoctorCheck = { name: 'git', verdict: 'ok', detail: 'git 2.39.' };
const warning: DoctorCheck = {
  name: 'Trust',
  verdict: 'warning',
  detail: 'Not trusted.',
  remedy: 'Trust it.',
};
const error: DoctorCheck = { name: 'Disk', verdict: 'error', detail: 'Full.', remedy: 'Free some space.' };

function checkDoctor(checks: readonly DoctorCheck[], expected: readonly string[]): void {
  assert.deepEqual(doctorReport(checks).trim().split('\n').slice(2), expected);
}

test('all is well', () => checkDoctor([ok], ['All is well.', '', '- git (fine): git 2.39.']));
test('the worst comes first, with what to do', () =>
  checkDoctor(
    [ok, warning, error],
    [
      'Something is wrong: 1 error, 1 warning.',
      '',
      '- Disk (wrong): Full.',
      '  What to do: Free some space.',
      '- Trust (could be better): Not trusted.',
      '  What to do: Trust it.',
      '- git (fine): git 2.39.',
    ],
  ));
test('only warnings', () =>
  checkDoctor(
    [warning, warning],
    [
      'Nothing is broken; 2 things could be better.',
      '',
      '- Trust (could be better): Not trusted.',
      '  What to do: Trust it.',
      '- Trust (could be better): Not trusted.',
      '  What to do: Trust it.',
    ],
  ));

const suggestion: ExplainResult = {
  suggestionId: 'one',
  text: 'return a + b;',
  baseModel: 'b179c9523d0e6a0f98a330c7',
  adapter: 'base',
  route: 'automatic',
  snippets: [],
  latencyMs: { retrieve: 1.25, generate: 80 },
};

const nowMs = 1e12;

function checkExplanation(change: Partial<ExplainResult>, expected: RegExp, version?: AdapterVersion): void {
  assert.match(
    explanation({ ...suggestion, ...change }, { baseModelName: 'SmolLM2', version, nowMs }),
    expected,
  );
}

test('no adapter, no snippets', () =>
  checkExplanation({}, /Adapter: none, the base model alone\n[^]*No other part of the repository was read/));
test('the model by name, and enough of its digest to tell it apart', () =>
  checkExplanation({}, /Base model: SmolLM2, b179c9523d0e\n/));
test('its snippets', () =>
  checkExplanation(
    { snippets: [{ path: 'src/sum.ts', startLine: 3, endLine: 9 }] },
    /were read for it:\n\n- src\/sum\.ts:3-9\n/,
  ));
test('its stages', () => checkExplanation({}, /- retrieve: 1\.3 ms\n- generate: 80\.0 ms\n\n/));
test('the route in words, and its reason apart', () =>
  checkExplanation(
    { route: 'local:canary+retrieval; It is its day.' },
    /- Route: canary, with retrieval\n- Why this route: It is its day\.\n/,
  ));
test('the task adapter', () =>
  checkExplanation(
    { adapter: 'b3e0c0ffee', route: 'local:task; Nothing was trained yet.' },
    /- Adapter: the task adapter, which comes with Idiom\n/,
  ));
test('an adapter that nobody knows any more', () =>
  checkExplanation({ adapter: 'b3e0c0ffee1234' }, /- Adapter: b3e0c0ffee12\n/));
test('a version with its age, its use and what it learned from', () =>
  checkExplanation(
    { adapter: 'b3e0c0ffee1234' },
    /- Adapter: version b3e0c0ffee12, trained 3 days ago, now champion\n- Learned from: 1,200 history, 40 accepted\n/,
    {
      createdAtMs: nowMs - 3 * 86_400_000,
      aliases: ['champion'],
      sources: { accepted: 40, history: 1200 },
    } as unknown as AdapterVersion,
  ));

test('places in a report are found with their line', () => {
  const text = '# Why\n\n- src/a b.ts:3-9\n- Route: local:x-1\n- total: 3.0 ms\n- c.ts:12-12\n';
  const places = placesIn(text);
  assert.deepEqual(
    places.map(({ path, line, start, end }) => [path, line, text.slice(start, end)]),
    [
      ['src/a b.ts', 3, 'src/a b.ts:3-9'],
      ['c.ts', 12, 'c.ts:12-12'],
    ],
  );
});
test('a fence in the suggestion does not end the fence around it', () =>
  checkExplanation({ text: '```\nx\n```' }, /\n````\n```\nx\n```\n````\n/));

const folder: FolderIndex = {
  root: '/w/web',
  name: 'web',
  state: 'ready',
  numbers: {
    nFiles: 1204,
    nLines: 80_000,
    nChunks: 9820,
    nDefinitions: 5000,
    sourceBytes: 8e6,
    indexBytes: 3.1e6,
    completeAtMs: 1e12,
    skipped: [
      { count: 300, reason: 'gitignore', because: 'a .gitignore rule excludes it' },
      { count: 12, reason: 'binary', because: 'it is not text' },
    ],
  },
};

test('an index with its numbers and what was left out, in columns', () =>
  assert.deepEqual(indexReport([folder], 1e12 + 120_000).split('\n'), [
    '# Idiom: Index',
    '',
    '## web',
    '',
    '/w/web',
    '',
    'Index: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out.',
    '',
    '| What        | How much                   |',
    '| ----------- | -------------------------- |',
    '| Files       | 1,204                      |',
    '| Lines       | 80,000                     |',
    '| Chunks      | 9,820                      |',
    '| Definitions | 5,000                      |',
    '| Source      | 8.0 MB                     |',
    '| Index       | 3.1 MB (0.39 x the source) |',
    '',
    '| Left out | Because                       |',
    '| -------- | ----------------------------- |',
    '| 300      | a .gitignore rule excludes it |',
    '| 12       | it is not text                |',
    '',
    '`idiom index --explain FILE` tells whether a file is in it, and if not, why.',
    '',
  ]));
test('no index yet', () => assert.match(indexReport([], 0), /no index in this window yet/));
test('an index that could not be opened', () =>
  assert.match(
    indexReport([{ root: '/w/web', name: 'web', state: 'trouble', reason: 'Full.' }], 0),
    /^## web\n\n\/w\/web\n\nIndex in trouble: Full\.\n\n`idiom/m,
  ));
