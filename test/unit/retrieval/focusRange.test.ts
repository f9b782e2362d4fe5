/** Which lines of a long place are shown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { focusRange } from '../../../server/retrieval/focusRange.ts';

/** `match` stands for a line that is worth something; returns the range as `first-last`. */
function check(text: string, nLines: number, expected: string, range = { startLine: 1, endLine: 100 }) {
  const lines = text.split(' ');
  const within = { startLine: range.startLine, endLine: Math.min(range.endLine, lines.length) };
  const { startLine, endLine } = focusRange(lines, within, new Map([['match', 1]]), nLines);
  assert.equal(`${startLine}-${endLine}`, expected);
}

test('a match comes first, what follows it is shown', () => {
  check('a b c d match e f g', 3, '5-7');
  check('match a b c', 3, '1-3');
});

test('a match at the end is shown with what stands before it', () => check('a b c d e match', 3, '4-6'));

test('several matches are worth more than one', () => check('match a b c d match match e f g', 4, '6-9'));

test('what is short enough stays as it is', () => {
  check('a match', 3, '1-2');
  check('a b match c d', 3, '2-4', { startLine: 2, endLine: 4 });
});

test('without a match it begins at the beginning', () => check('a b c d e', 2, '1-2'));
