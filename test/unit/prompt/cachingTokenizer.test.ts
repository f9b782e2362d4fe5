/** Each text is tokenized once, as long as there is room. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCachingTokenizer } from '../../../server/prompt/cachingTokenizer.ts';

/** What is asked for in turn, and what of it reaches the tokenizer, of which a text's only token is its length. */
async function check(
  asked: readonly (readonly string[])[],
  expected: readonly (readonly string[])[],
  maxChars?: number,
): Promise<void> {
  const reached: (readonly string[])[] = [];
  const tokenizer = createCachingTokenizer(
    {
      tokenize(texts) {
        reached.push(texts);
        return Promise.resolve(texts.map(({ length }) => [length]));
      },
    },
    maxChars,
  );
  for (const texts of asked) {
    assert.deepEqual(
      await tokenizer.tokenize(texts),
      texts.map(({ length }) => [length]),
    );
  }
  assert.deepEqual(reached, expected);
}

test('what is known is not asked for', () =>
  check(
    [
      ['a', 'bb'],
      ['bb', 'c'],
    ],
    [['a', 'bb'], ['c']],
  ));
test('where all is known, nothing is asked for', () => check([['a'], ['a']], [['a']]));
test('a text that stands twice is asked for once', () => check([['a', 'b', 'a']], [['a', 'b']]));
test('what was used longest ago makes room', () =>
  check([['aaa', 'bbb'], ['aaa'], ['ccc'], ['aaa'], ['bbb']], [['aaa', 'bbb'], ['ccc'], ['bbb']], 6));
test('long texts are not remembered', () => {
  const long = 'x'.repeat(4001);
  return check([[long], [long]], [[long], [long]]);
});
