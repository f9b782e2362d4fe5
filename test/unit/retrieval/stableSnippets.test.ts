/** When the earlier set of snippets stays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStableSnippets } from '../../../server/retrieval/stableSnippets.ts';

interface Step {
  readonly chosen: string;
  /** Ranked places with scores, as `path=score`. */
  readonly ranked: string;
  readonly prefix?: string;
}

function check(keepShare: number, steps: readonly Step[], expected: readonly string[]) {
  const stable = createStableSnippets(keepShare);
  const found = steps.map(({ chosen, ranked, prefix = '' }) => {
    const snippets = chosen
      .split(' ')
      .map((path) => ({ path, startLine: 1, endLine: 2, text: `text of ${path}` }));
    const places = ranked.split(' ').map((each) => {
      const [path = '', score = ''] = each.split('=');
      return { path, startLine: 1, endLine: 2, score: Number(score) };
    });
    const query = { path: 'me', languageId: '', prefix, suffix: '' };
    return stable
      .choose(query, { snippets, places })
      .map((snippet) => snippet.path)
      .join(' ');
  });
  assert.deepEqual(found, expected);
}

test('a set stays while it is worth nearly as much', () => {
  check(
    0.7,
    [
      { chosen: 'a b', ranked: 'a=5 b=4' },
      { chosen: 'b c', ranked: 'b=5 c=4 a=3' },
      { chosen: 'c d', ranked: 'c=5 d=5 b=1' },
    ],
    ['a b', 'a b', 'c d'],
  );
});

test('a share of one or more keeps nothing', () => {
  check(
    1,
    [
      { chosen: 'a', ranked: 'a=5' },
      { chosen: 'b', ranked: 'b=5 a=5' },
    ],
    ['a', 'b'],
  );
});

test('a snippet of the own document that has come into sight goes', () => {
  check(
    0.1,
    [
      { chosen: 'me', ranked: 'me=5' },
      { chosen: 'b', ranked: 'b=5 me=5', prefix: 'text of me' },
    ],
    ['me', 'b'],
  );
});
