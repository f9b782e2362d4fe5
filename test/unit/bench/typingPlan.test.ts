/** What the editor benchmark types: which lines, with which pauses, and that it is the same each time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawPlaces } from '../../../bench/editor/typingPlan.ts';

const file = `import { a } from 'a';
function f(x) {
  const one = call(x, two);
  const three = one ? first : second;
  if (a) {
    b();
  }
  const four = one + three;
  four.add(x);
  const list = [1, 2];
  list.push(four);
  return sum(list);
}
`;

test('a run of statements at one depth is taken out, and its indentation stays', () => {
  const [place] = drawPlaces({ 'a.ts': file }, 1, 1);
  assert.ok(place !== undefined);
  assert.deepEqual(
    place.lines.map(({ text }) => text),
    [
      'const four = one + three;',
      'four.add(x);',
      'const list = [1, 2];',
      'list.push(four);',
      'return sum(list);',
    ],
  );
  assert.deepEqual([place.line, place.column], [8, 3]);
  assert.equal(place.textBefore.split('\n')[7], '  ');
  assert.equal(place.textBefore.split('\n')[8], '}');
});

test('a person thinks where a value or an argument begins', () => {
  const [place] = drawPlaces({ 'a.ts': file }, 1, 1);
  const before = (place?.lines ?? []).map(({ text, keys }) =>
    keys.flatMap(({ isPause }, i) => (isPause ? [text.slice(0, i + 1)] : [])),
  );
  assert.deepEqual(before, [
    ['const four = '],
    ['four.add('],
    [],
    ['list.push('],
    ['return ', 'return sum('],
  ]);
});

test('keys follow one another as a person types them', () => {
  const waits = drawPlaces({ 'a.ts': file }, 1, 1).flatMap(({ lines }) =>
    lines.flatMap(({ keys }) => keys.slice(1).map(({ waitMs }) => waitMs)),
  );
  const middle = waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)] ?? 0;
  assert.ok(middle > 120 && middle < 210, `${middle}`);
  assert.ok((waits.at(-1) ?? 0) <= 600);
});

test('the same seed draws the same, and a file without such a run is left out', () => {
  const files = { 'a.ts': file, 'b.ts': file, 'c.ts': 'const a = 1;\n' };
  const paths = (seed: number) => drawPlaces(files, 3, seed).map(({ path }) => path);
  assert.deepEqual(paths(3), paths(3));
  assert.deepEqual(paths(3).sort(), ['a.ts', 'b.ts']);
});
