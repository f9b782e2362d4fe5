/** Reports in words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorReport, explanation, indexReport } from '../../../extension/reportText.ts';
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

test('all is well', () => checkDoctor([ok], ['No problems found.', '', '- **OK:** git. git 2.39.']));
test('the worst comes first, with what to do', () =>
  checkDoctor(
    [ok, warning, error],
    [
      '1 error, 1 warning.',
      '',
      '- **Error:** Disk. Full. **What to do:** Free some space.',
      '- **Warning:** Trust. Not trusted. **What to do:** Trust it.',
      '- **OK:** git. git 2.39.',
    ],
  ));
test('only warnings', () =>
  checkDoctor(
    [warning, warning],
    [
      'No errors, 2 warnings.',
      '',
      '- **Warning:** Trust. Not trusted. **What to do:** Trust it.',
      '- **Warning:** Trust. Not trusted. **What to do:** Trust it.',
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
    explanation({ ...suggestion, ...change }, { baseModelName: 'SmolLM2', version, root: '/w', nowMs }),
    expected,
  );
}

test('no adapter, no snippets', () => checkExplanation({}, /Adapter: none\n[^]*None beside the open file/));
test('the model by name, and enough of its digest to tell it apart', () =>
  checkExplanation({}, /Model: SmolLM2, b179c9523d0e\n/));
test('its snippets', () =>
  checkExplanation(
    { snippets: [{ path: 'src/[id]/sum.ts', startLine: 3, endLine: 9 }] },
    /\n- \[src\/\\\[id\\\]\/sum\.ts:3-9\]\(command:idiom\.openPlace\?%5B%22%2Fw%2Fsrc%2F%5Bid%5D%2Fsum\.ts%22%2C3%5D\)\n/,
  ));
test('its stages', () => checkExplanation({}, /\| retrieve +\| 1\.3 +\|\n\| generate +\| 80\.0 +\|\n\n/));
test('the route in words, and its reason apart', () =>
  checkExplanation(
    { route: 'local:canary+retrieval; It is its day.' },
    /- Answered by: the version on trial, with code from the repository\n- Reason: It is its day\.\n/,
  ));
test('the task adapter', () =>
  checkExplanation(
    { adapter: 'b3e0c0ffee', route: 'local:task; Nothing was trained yet.' },
    /- Adapter: the built-in one\n/,
  ));
test('an adapter that nobody knows any more', () =>
  checkExplanation({ adapter: 'b3e0c0ffee1234' }, /- Adapter: b3e0c0ffee12\n/));
test('a version with its age, its use and what it learned from', () =>
  checkExplanation(
    { adapter: 'b3e0c0ffee1234' },
    /- Adapter: version b3e0c0ffee12, trained 3 days ago\n- Learned from: 1,200 history, 40 accepted\n/,
    {
      createdAtMs: nowMs - 3 * 86_400_000,
      aliases: ['champion'],
      sources: { accepted: 40, history: 1200 },
    } as unknown as AdapterVersion,
  ));

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
    '# Repository index',
    '',
    '## web',
    '',
    '`/w/web`',
    '',
    'Index: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out.',
    '',
    '| Item        | Amount                     |',
    '| ----------- | -------------------------- |',
    '| Files       | 1,204                      |',
    '| Lines       | 80,000                     |',
    '| Chunks      | 9,820                      |',
    '| Definitions | 5,000                      |',
    '| Source      | 8.0 MB                     |',
    '| Index       | 3.1 MB (0.39 x the source) |',
    '',
    '| Skipped | Reason                        |',
    '| ------- | ----------------------------- |',
    '| 300     | a .gitignore rule excludes it |',
    '| 12      | it is not text                |',
    '',
    '`idiom index --explain FILE` in a terminal tells whether a file is indexed, and if not, why.',
    '',
  ]));
test('no index yet', () => assert.match(indexReport([], 0), /no index in this window yet/));
test('an index that could not be opened', () =>
  assert.match(
    indexReport([{ root: '/w/web', name: 'web', state: 'trouble', reason: 'Full.' }], 0),
    /^## web\n\n`\/w\/web`\n\nIndex in trouble: Full\.\n\n`idiom/m,
  ));
