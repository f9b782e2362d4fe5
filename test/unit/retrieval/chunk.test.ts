/** Where texts are cut, by lines and by syntax, and which definitions are found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineBreakCosts, packChunks } from '../../../server/retrieval/chunk.ts';
import { readText } from '../../../server/retrieval/readContent.ts';
import { createSyntaxReader } from '../../../server/retrieval/syntax.ts';

const syntax = await createSyntaxReader();
await syntax.prepare(['typescript', 'python', 'go', 'rust', 'java', 'cpp', 'ruby', 'c-sharp', 'javascript']);

/** First lines of the chunks. */
function checkStarts(path: string, text: string, expected: readonly string[]) {
  const lines = text.split('\n');
  const starts = readText(path, text, syntax).chunks.map((chunk) => lines[chunk.startLine - 1]?.trim());
  assert.deepEqual(starts, expected);
}

function checkDefinitions(path: string, text: string, expected: string) {
  const found = readText(path, text, syntax).definitions;
  assert.equal(found.map((each) => `${each.name} ${each.startLine}-${each.endLine}`).join(', '), expected);
}

const body = (n: number) => Array.from({ length: n }, (_, i) => `  step${i}();`).join('\n');

test('every line is in exactly one chunk, and no chunk is longer than allowed', () => {
  for (const nLines of [0, 1, 5, 16, 17, 29, 100, 1000]) {
    const lines = Array.from({ length: nLines }, (_, i) => (i % 7 === 3 ? '' : `${' '.repeat(i % 5)}x${i}`));
    const chunks = packChunks(lineBreakCosts(lines));
    let next = 1;
    for (const { startLine, endLine } of chunks) {
      assert.equal(startLine, next);
      assert.ok(endLine >= startLine && endLine - startLine < 28);
      next = endLine + 1;
    }
    assert.equal(next, nLines + 1);
  }
});

test('text without a grammar is cut at paragraphs', () => {
  const paragraph = (name: string) =>
    `${name} begins\n${Array.from({ length: 11 }, () => 'and goes on').join('\n')}`;
  checkStarts('notes.txt', [paragraph('One'), paragraph('Two'), paragraph('Three')].join('\n\n'), [
    'One begins',
    'Two begins',
    'Three begins',
  ]);
});

test('code is cut before functions, comments stay with what they are about', () => {
  checkStarts(
    'a.ts',
    `import { x } from 'x';\n\nfunction one() {\n${body(10)}\n}\n// About two.\nfunction two() {\n${body(12)}\n}\n`,
    ["import { x } from 'x';", '// About two.'],
  );
});

test('definitions by language', () => {
  checkDefinitions(
    'a.ts',
    '/** Doc. */\nexport function first() {}\nexport class Second {\n  third() {}\n}\ninterface Fourth {}\nconst fifth = 1;\n',
    'first 2-2, Second 3-5, third 4-4, Fourth 6-6, fifth 7-7',
  );
  checkDefinitions(
    'a.py',
    'class One(Base):\n    @cached\n    def two(self):\n        inner = 1\n\nTHREE = 3\n',
    'One 1-4, two 2-4, THREE 6-6',
  );
  checkDefinitions(
    'a.go',
    'package a\n\n// One is.\ntype One struct {\n\tname string\n}\n\nfunc (o *One) Two() {}\n',
    'One 4-6, name 5-5, Two 8-8',
  );
  checkDefinitions(
    'a.rs',
    '/// One.\npub struct One;\n\nimpl One {\n    fn two() {}\n}\n',
    'One 1-2, two 5-5',
  );
  checkDefinitions('A.java', 'class One {\n  int two() { return 1; }\n}\n', 'One 1-3, two 2-2');
  checkDefinitions('a.c', 'struct one { int x; };\nint two(int a) {\n  return a;\n}\n', 'one 1-1, two 2-4');
  checkDefinitions('a.rb', 'class One\n  def two\n  end\nend\n', 'One 1-4, two 2-3');
});

test('local names are not definitions', () => {
  checkDefinitions(
    'a.js',
    'function outer() {\n  const inner = 1;\n  function innermost() {}\n}\n',
    'outer 1-4',
  );
});

test('broken code is still cut', () => {
  const text = `function (((\n${body(40)}\nclass {{{\n`;
  const { chunks, nLines } = readText('a.ts', text, syntax);
  assert.equal(nLines, 42);
  assert.ok(chunks.length >= 2);
});
