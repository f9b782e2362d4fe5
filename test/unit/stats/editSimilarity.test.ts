/** Edit distance and nearest part, against the textbook matrix on random texts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import {
  editDistance,
  editSimilarity,
  maxComparedChars,
  nearestPart,
} from '../../../server/stats/editSimilarity.ts';

function check(a: string, b: string, distance: number, similarity: number): void {
  assert.equal(editDistance(a, b), distance);
  assert.equal(editDistance(b, a), distance);
  assert.ok(Math.abs(editSimilarity(a, b) - similarity) < 1e-9, `${editSimilarity(a, b)}`);
}

test('distances that can be counted by hand', () => {
  check('', '', 0, 1);
  check('abc', 'abc', 0, 1);
  check('abc', '', 3, 0);
  check('abc', 'xyz', 3, 0);
  check('kitten', 'sitting', 3, 1 - 3 / 7);
  check('ab', 'ba', 2, 0);
  check('return a;', 'return b;', 1, 1 - 1 / 9);
});

function checkNearest(text: string, pattern: string, found: string, distance: number): void {
  const nearest = nearestPart(text, pattern);
  assert.deepEqual([text.slice(nearest.start, nearest.end), nearest.distance], [found, distance]);
}

test('the nearest part of a text', () => {
  checkNearest('const a = foo(b);', 'foo(b)', 'foo(b)', 0);
  checkNearest("  const  a = 'b';\n", 'const a = "b";', "const  a = 'b';", 3);
  checkNearest('', 'abc', '', 3);
  checkNearest('xyz', '', '', 0);
  checkNearest('aa bb aa', 'aa', 'aa', 0);
  assert.equal(nearestPart('aa bb aa', 'aa').start, 0);
});

/** Last row of the textbook matrix (Wagner and Fischer 1974); a search when the top row is all 0. */
function lastRow(pattern: string, text: string, isSearch: boolean): number[] {
  let column = Array.from({ length: pattern.length + 1 }, (_, i) => i);
  const last = [pattern.length];
  for (let j = 1; j <= text.length; j++) {
    const next = [isSearch ? 0 : j];
    for (let i = 1; i <= pattern.length; i++) {
      const replaced = (column[i - 1] as number) + (pattern[i - 1] === text[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (column[i] as number) + 1, (next[i - 1] as number) + 1));
    }
    column = next;
    last.push(column.at(-1) as number);
  }
  return last;
}

test('random texts of all lengths around the 32-bit blocks agree with the matrix', () => {
  const random = seededRandom(1);
  for (let round = 0; round < 600; round++) {
    const letters = 2 + random.int(4);
    const draw = () =>
      Array.from({ length: random.int(110) }, () => 'abcdef'.charAt(random.int(letters))).join('');
    const [a, b] = [draw(), draw()];
    assert.equal(editDistance(a, b), lastRow(a, b, false).at(-1), `${a} ${b}`);
    const nearest = nearestPart(b, a);
    assert.equal(nearest.distance, Math.min(...lastRow(a, b, true)), `${a} in ${b}`);
    assert.equal(editDistance(a, b.slice(nearest.start, nearest.end)), nearest.distance);
  }
});

test('texts beyond the limit are compared by their first characters', () => {
  const long = 'x'.repeat(maxComparedChars);
  assert.equal(editDistance(`${long}a`, `${long}b`), 0);
  assert.equal(editSimilarity(`y${long}`, long.slice(1)), 1 - 1 / maxComparedChars);
});
