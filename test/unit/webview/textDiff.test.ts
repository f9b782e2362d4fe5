/** Differences of short texts, as "same[-deleted-]{+inserted+}". */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { diffTexts } from '../../../webview/textDiff.ts';

const marks = { same: ['', ''], delete: ['[-', '-]'], insert: ['{+', '+}'] } as const;

function check(before: string, after: string, expected: string): void {
  const shown = diffTexts(before, after).map(({ kind, text }) => marks[kind][0] + text + marks[kind][1]);
  assert.equal(shown.join(''), expected);
}

test('equal texts', () => check('return a;', 'return a;', 'return a;'));
test('two empty texts', () => assert.deepEqual(diffTexts('', ''), []));
test('all new', () => check('', 'a + b', '{+a + b+}'));
test('all gone', () => check('a + b', '', '[-a + b-]'));
test('another name', () => check('return total;', 'return sum;', 'return [-total-]{+sum+};'));
test('names are whole words', () => check('userName', 'userId', '[-userName-]{+userId+}'));
test('an argument more', () => check('f(a)', 'f(a, b)', 'f(a{+, b+})'));
test('other blanks are a difference', () => check('a  b', 'a b', 'a[-  -]{+ +}b'));
test('lines', () => check('a;\nb;', 'a;\nc;\nb;', 'a;\n{+c;\n+}b;'));
test('words beyond ASCII', () => check('größe = 1', 'größe = 2', 'größe = [-1-]{+2+}'));
test('very long texts are told whole', () => {
  const long = 'a '.repeat(2000);
  assert.deepEqual(
    diffTexts(long, 'b').map(({ kind }) => kind),
    ['delete', 'insert'],
  );
});

test('without insertions it is the first text, without deletions the second', () => {
  const random = seededRandom(7);
  const text = () => Array.from({ length: random.int(9) }, () => 'abc +\n'[random.int(6)]).join('');
  for (let round = 0; round < 500; round++) {
    const [before, after] = [text(), text()];
    const parts = diffTexts(before, after);
    const without = (kind: string) => parts.map((part) => (part.kind === kind ? '' : part.text)).join('');
    assert.deepEqual([without('insert'), without('delete')], [before, after]);
  }
});
