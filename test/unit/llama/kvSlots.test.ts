/** The slot that has most of the prompt, or the one not used for longest. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSlot, commonPrefixLength } from '../../../server/llama/kvSlots.ts';

const tokensOf = (text: string) => [...text].map((char) => char.charCodeAt(0));

/** A slot is "text@lastUse". */
function check(slots: readonly string[], prompt: string, expected: number): void {
  const parsed = slots.map((slot) => {
    const [text = '', lastUse = '0'] = slot.split('@');
    return { tokens: tokensOf(text), lastUse: Number(lastUse) };
  });
  assert.equal(chooseSlot(parsed, tokensOf(prompt)), expected);
}

test('fresh slots: the first', () => check(['@0', '@0'], 'abcd', 0));
test('typing on', () => check(['xyz@2', 'abcd@1'], 'abcde', 1));
test('a short common beginning leaves another file alone', () => check(['a123456@2', '@0'], 'abcdefgh', 1));
test('no slot fits: the least recently used', () => check(['x@3', 'y@1', 'z@2'], 'abcd', 1));
test('the longest beginning wins', () => check(['ab@3', 'abc@1'], 'abcd', 1));
test('a prompt that was read in part only is read on', () => check(['ab@1', '@0'], 'abcdefghijkl', 0));
test('of equal ones the newer', () => check(['abc1@1', 'abc2@2'], 'abc3', 1));

for (const [a, b, expected] of [
  ['', '', 0],
  ['abc', 'abd', 2],
  ['abc', 'abc', 3],
  ['ab', 'abc', 2],
  ['x', 'abc', 0],
] as const) {
  test(`${a} and ${b} share ${expected}`, () =>
    assert.equal(commonPrefixLength(tokensOf(a), tokensOf(b)), expected));
}
