/** The arithmetic of budgets, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultShares,
  headAnchors,
  headStepChars,
  sharesInTime,
  splitBudget,
} from '../../../server/prompt/tokenBudget.ts';

type Three = readonly [prefix: number, suffix: number, snippets: number];

function checkSplit(total: number, wanted: Three, expected: Three, shares = defaultShares): void {
  test(`${total} tokens for ${wanted.join(', ')}`, () => {
    const grants = splitBudget(total, shares, {
      prefix: wanted[0],
      suffix: wanted[1],
      snippets: wanted[2],
    });
    assert.deepEqual([grants.prefix, grants.suffix, grants.snippets], expected);
  });
}

checkSplit(1000, [9000, 9000, 9000], [500, 150, 350]);
checkSplit(1000, [100, 50, 9000], [100, 50, 850]);
checkSplit(1000, [9000, 0, 0], [1000, 0, 0]);
checkSplit(1000, [9000, 50, 0], [950, 50, 0]);
checkSplit(1000, [100, 9000, 100], [100, 800, 100]);
checkSplit(1000, [10, 20, 30], [10, 20, 30]);
checkSplit(0, [10, 20, 30], [0, 0, 0]);
checkSplit(-5, [10, 20, 30], [0, 0, 0]);
// Cut to what can be read in time: snippets only where lines leave room, or from 384 tokens on.
checkSplit(200, [900, 900, 900], [180, 20, 0], sharesInTime(256));
checkSplit(200, [50, 10, 900], [50, 10, 140], sharesInTime(256));
checkSplit(200, [900, 900, 900], [100, 30, 70], sharesInTime(384));

function checkStep(maxPromptTokens: number, expected: number): void {
  test(`step of ${maxPromptTokens} tokens`, () => assert.equal(headStepChars(maxPromptTokens), expected));
}

checkStep(1024, 512);
checkStep(1500, 512);
checkStep(128, 64);
checkStep(1, 32);

function checkAnchors(prefix: string, offset: number, step: number, expected: readonly number[]): void {
  test(`anchors in ${JSON.stringify(prefix)} at ${offset}`, () =>
    assert.deepEqual(headAnchors(prefix, offset, step, 1000), expected));
}

checkAnchors('', 0, 4, [0]);
checkAnchors('ab', 0, 4, [0]);
checkAnchors('ab\ncd\nef', 0, 4, [0, 6]);
checkAnchors('ab\ncd\nef', 2, 4, [3, 6]);
checkAnchors('abcdefghij', 0, 4, [0, 4, 8]);
checkAnchors('ab', 1, 4, [0]);
