/** The small steps of a dataset: near-duplicates, leaks, windows, canonical JSON, weights of tokens. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../../server/training/dataset/canonicalJson.ts';
import { cutWindow } from '../../../../server/training/dataset/cutWindow.ts';
import type { Example } from '../../../../server/training/dataset/example.ts';
import { indexLeaks } from '../../../../server/training/dataset/findLeaks.ts';
import { limitByPath } from '../../../../server/training/dataset/limitByPath.ts';
import { withoutNearDuplicates } from '../../../../server/training/dataset/nearDuplicates.ts';
import { toTrainingItem } from '../../../../server/training/dataset/trainingItem.ts';
import { FakeTokenizer } from '../../prompt/fakeTokenizer.ts';
import { bound } from './historyFixture.ts';

const linesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `line number ${first + i}`).join('\n');

function checkDuplicates(texts: readonly string[], expected: readonly number[]): void {
  const items = texts.map((text, i) => ({ text, i }));
  const kept = withoutNearDuplicates(items, (each) => each.text, 0.8);
  assert.deepEqual(
    kept.map((each) => each.i),
    expected,
  );
}
test('equal texts, and texts that differ in white space alone', () =>
  checkDuplicates([linesFrom(0, 9), linesFrom(0, 9), linesFrom(0, 9).replaceAll(' ', '  ')], [0]));
test('one line in thirty changed', () =>
  checkDuplicates([linesFrom(0, 30), linesFrom(0, 30).replace('number 7', 'changed 7')], [0]));
test('half of the lines shared is not the same', () =>
  checkDuplicates([linesFrom(0, 30), linesFrom(15, 30)], [0, 1]));
test('the first of a group stays', () =>
  checkDuplicates([linesFrom(100, 20), linesFrom(0, 20), linesFrom(1, 20), linesFrom(101, 20)], [0, 1]));

function checkLeak(text: string, prefix: string, middle: string, expected: [boolean, boolean]): void {
  const index = indexLeaks([text]);
  assert.deepEqual([index.has({ prefix, middle }), index.hasLine({ prefix, middle })], expected);
}
const training = 'const alpha = 1;\n\n  const bravo = 2;\n}\nconst carrot = 3;\nconst deltas = 4;';
test('a line below the same lines is a leak, whatever the white space', () =>
  checkLeak(training, 'const alpha = 1;\nconst  bravo = 2;\n', '  const carrot = 3;', [true, true]));
test('a cursor inside the line makes no difference', () =>
  checkLeak(training, 'const alpha = 1;\nconst bravo = 2;\nconst ca', 'rrot = 3;', [true, true]));
test('the line alone is none', () =>
  checkLeak(training, 'something else;\nconst bravo = 2;\n', 'const carrot = 3;', [false, true]));
test('another line is none', () =>
  checkLeak(training, 'const alpha = 1;\nconst bravo = 2;\n', 'const other = 3;', [false, false]));

test('a window has whole lines, the wanted ones and more above than below', () => {
  const lines = linesFrom(0, 40).split('\n');
  const { firstIdx, lastIdx, text } = cutWindow(lines, 20, 22, 160);
  assert.equal(text, `${lines.slice(firstIdx, lastIdx + 1).join('\n')}\n`);
  assert(firstIdx <= 20 && lastIdx >= 22 && text.length <= 160);
  assert(20 - firstIdx >= lastIdx - 22);
});
test('near the end of a file the window goes up', () => {
  const lines = linesFrom(0, 40).split('\n');
  assert.deepEqual([cutWindow(lines, 39, 39, 160).lastIdx, cutWindow(lines, 39, 39, 160).firstIdx], [39, 30]);
});
test('a line that is longer than a window is cut', () =>
  assert.equal(cutWindow(['x'.repeat(500)], 0, 0, 100).text.length, 100));

test('one file does not crowd out the others', () =>
  assert.deepEqual(
    limitByPath(['a', 'a', 'a', 'b', 'a'], (path) => path, { share: 0.4, min: 1 }),
    ['a', 'a', 'b'],
  ));

test('canonical JSON does not depend on the order of names', () => {
  assert.equal(canonicalJson({ b: [1, { d: 'x', c: undefined }], a: null }), '{"a":null,"b":[1,{"d":"x"}]}');
  assert.equal(canonicalJson({ a: null, b: [1, { d: 'x' }] }), '{"a":null,"b":[1,{"d":"x"}]}');
  assert.throws(() => canonicalJson({ a: Number.NaN }), TypeError);
});

const origin = { source: 'history', weight: 0.5, timeMs: 0, path: 'a.ts', commit: 'c', line: 1 } as const;
const settings = { maxItemTokens: 64, maxMiddleTokens: 8, middleWeight: 4, promptWeight: 0.1 };

async function checkItem(example: Example, expected: { text: string; weights: string }): Promise<void> {
  const tokenizer = new FakeTokenizer();
  const item = await toTrainingItem({ bound, tokenizer, settings }, example);
  const runs = item.lossWeights.reduce<string[]>((all, weight) => {
    if (all.at(-1) !== String(weight)) all.push(String(weight));
    return all;
  }, []);
  assert.deepEqual({ text: tokenizer.read(item.tokens, bound.tokenIds), weights: runs.join(' ') }, expected);
  assert.equal(item.tokens.length, item.lossWeights.length);
  assert.equal(item.weight, 0.5);
}
function fillIn(prefix: string, middle: string, isCut = false): Example {
  const parts = {
    repoName: 'r',
    path: 'a.ts',
    languageId: 'typescript',
    prefix,
    prefixOffset: 0,
    suffix: '',
    snippets: [],
  };
  return { kind: 'fillIn', parts, middle, isCut, ...origin };
}
test('a window counts everywhere but on its first token', () =>
  checkItem(
    { kind: 'window', repoName: 'r', languageId: 'typescript', text: 'let a;\n', ...origin },
    { text: '// a.ts\nlet a;\n\n', weights: '0 1' },
  ));
test('of a fill-in, the middle and its end count in full', () =>
  checkItem(fillIn('let a =', ' b;'), { text: '// a.ts\nlet a = b;[[<|endoftext|>]]', weights: '0 0.1 4' }));
test('what the prompt holds back is written with the middle', () =>
  checkItem(fillIn('let a = ', 'b;'), { text: '// a.ts\nlet a = b;[[<|endoftext|>]]', weights: '0 0.1 4' }));
test('a middle that goes on has no end', () =>
  checkItem(fillIn('let a =', ' b;', true), { text: '// a.ts\nlet a = b;', weights: '0 0.1 4' }));
test('a middle that is too long is cut and has no end', () =>
  checkItem(fillIn('a =', ' b c d e f g h i j k'), {
    text: '// a.ts\na = b c d e f g h i',
    weights: '0 0.1 4',
  }));
