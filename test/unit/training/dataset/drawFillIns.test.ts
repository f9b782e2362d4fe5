/** Which cursors are drawn, what the prompt has around them, and where the middle ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../server/base/random.ts';
import { drawFillIns } from '../../../../server/training/dataset/drawFillIns.ts';

/**
 * @param text with `+` before each line that was typed. @param expected all different cases that many seeds draw, as the
 * last line of the prefix, `|`, the middle (`~` where it is cut), `|`, and the first line of the suffix.
 */
function check(text: string, expected: string[], path = 'a.ts', restShare = 0): void {
  const marked = text.split('\n');
  const lines = marked.map((line) => line.slice(1));
  const typed = marked.flatMap((line, i) => (line.startsWith('+') ? [i] : []));
  const ranges = [{ firstIdx: typed[0] ?? 0, lastIdx: typed.at(-1) ?? 0 }];
  const found = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    for (const each of drawFillIns({ path, text: lines.join('\n'), ranges, max: 9, restShare, random })) {
      assert(each.prefix + each.middle + each.suffix !== '', 'something is there');
      if (restShare === 1) assert.equal(each.prefix + each.middle + each.suffix, lines.join('\n'));
      const last = each.prefix.split('\n').at(-1) ?? '';
      const next = each.suffix.split('\n', 2).join('/');
      found.add(`${last}|${each.middle.replaceAll('\n', '/')}${each.isCut ? '~' : ''}|${next}`);
    }
  }
  for (const one of expected) assert(found.has(one), `${one} is not among\n${[...found].join('\n')}`);
}

test('start of a line, start of a word, and within a word', () =>
  check('+const total = compute;\n end', [
    '|const total = compute;|/end',
    'const |total = compute;|/end',
    'const total = comp|ute;|/end',
  ]));
test('below a header the whole block is wanted, with the closing line that was typed too', () =>
  check('+if (ready) {\n+  startEngine();\n+  waitForIt();\n+}\n end', [
    '  |startEngine();/  waitForIt();/}|/end',
    'if (ready) {|/  startEngine();/  waitForIt();/}|/end',
  ]));
test('a closing line that is there stays below', () =>
  check(' if (ready) {\n+  startEngine();\n }', ['  |startEngine();|/}']));
test('by indentation in Python, and no further than the block', () =>
  check(
    '+def work(item):\n+    prepare(item)\n+    return item\n+other = work\n',
    ['    |prepare(item)/    return item|/', '|other = work|/'],
    'a.py',
  ));
test('the rest may be there already', () =>
  check('+first line\n+second line\n+third line', ['|first line|/second line', '|third line|'], 'a.md', 1));
test('a long block is cut', () =>
  check(` {\n${Array.from({ length: 14 }, (_, i) => `+  call${i}(argument);`).join('\n')}\n }`, [
    `  |${Array.from({ length: 10 }, (_, i) => `${i === 0 ? '' : '  '}call${i}(argument);`).join('/')}~|/}`,
  ]));
test('closing brackets that an editor puts in stay behind the cursor', () =>
  check('+send(message, target);', ['send(|message, target|);', 'send(|message, target);|']));
test('prose knows no blocks', () => check('+A list of things:\n+  one of them', ['  |one of them|'], 'a.md'));

test('a middle with a secret in it is no example', () => {
  const random = seededRandom(1);
  const text = 'const password = "<secret>";';
  const ranges = [{ firstIdx: 0, lastIdx: 0 }];
  assert.deepEqual(drawFillIns({ path: 'a.ts', text, ranges, max: 9, restShare: 0, random }), []);
});
