/** What is said of an index, as a table of states. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexSentence, readableAge, readableBytes } from '../../../protocol/indexSentence.ts';
import type { FolderIndex, IndexNumbers } from '../../../protocol/messages.ts';

const nowMs = 1e12;
const numbers: IndexNumbers = {
  nFiles: 1204,
  nLines: 80_000,
  nChunks: 9820,
  nDefinitions: 5000,
  sourceBytes: 7.9e6,
  indexBytes: 3.1e6,
  completeAtMs: nowMs - 130_000,
  skipped: [
    { count: 300, reason: 'gitignore', because: 'a .gitignore rule excludes it' },
    { count: 12, reason: 'binary', because: 'it is not text' },
  ],
};
const { completeAtMs: _, ...incomplete } = numbers;

function check(change: Partial<FolderIndex>, expected: string, isOnly = true): void {
  test(expected, () => {
    const folder: FolderIndex = { root: '/w/web', name: 'web', state: 'ready', ...change };
    assert.equal(indexSentence(folder, isOnly, nowMs), expected);
  });
}

check({ numbers }, 'Index: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out.');
check(
  { numbers },
  'Index of web: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out.',
  false,
);
check({ state: 'indexing', nFilesSoFar: 1200, numbers: incomplete }, 'Indexing: 1,200 files so far.');
check({ state: 'indexing', nFilesSoFar: 1 }, 'Indexing web: 1 file so far.', false);
check({ state: 'indexing', nFilesSoFar: 0 }, 'Indexing: it has begun.');
check(
  { state: 'indexing', nFilesSoFar: 1200, numbers },
  'Index: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out. Looking for changes: 1,200 files so far.',
);
check(
  { state: 'stopped', numbers: incomplete },
  'Index: 1,204 files in 9,820 chunks, 3.1 MB, not complete; 312 left out. Indexing was stopped.',
);
check(
  { state: 'stopped', numbers },
  'Index: 1,204 files in 9,820 chunks, 3.1 MB, complete 2 min ago; 312 left out. The search for changes was stopped.',
);
check(
  { state: 'trouble', reason: 'The disk is full. Free some space.' },
  'Index in trouble: The disk is full. Free some space.',
);
check(
  { state: 'trouble', reason: 'The disk is full.', numbers: incomplete },
  'Index: 1,204 files in 9,820 chunks, 3.1 MB, not complete; 312 left out. It is in trouble: The disk is full.',
);

test('ages', () => {
  for (const [ms, expected] of [
    [-5000, 'less than a minute ago'],
    [59_999, 'less than a minute ago'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [47.9 * 3_600_000, '47 h ago'],
    [72 * 3_600_000, '3 days ago'],
  ] as const)
    assert.equal(readableAge(nowMs - ms, nowMs), expected);
});

test('sizes', () => {
  for (const [bytes, expected] of [
    [0, '0 kB'],
    [1, '1 kB'],
    [999_000, '999 kB'],
    [3_140_000, '3.1 MB'],
    [2.55e9, '2.5 GB'],
  ] as const)
    assert.equal(readableBytes(bytes), expected);
});
