/** One line or a block, and where a block ends, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseShape, indentOf, isClosersOnly } from '../../../server/completion/chooseShape.ts';
import { findEnd } from '../../../server/completion/findEnd.ts';
import { scanBrackets } from '../../../server/completion/scanBrackets.ts';
import { languageOf } from '../../../server/prompt/language.ts';
import { contextAt } from './fixture.ts';

function check(languageId: string, document: string, expected: string): void {
  test(`${languageId} ${JSON.stringify(document)}: ${expected}`, () => {
    const shape = chooseShape(contextAt(document), languageId, 'block');
    const told = shape.kind === 'block' ? `${shape.opener} ${shape.headerIndent}` : shape.kind;
    assert.equal(told, expected);
    assert.equal(chooseShape(contextAt(document), languageId, 'one').kind, 'line');
  });
}

check('typescript', 'const a = <|>', 'line');
check('typescript', 'if (a) {<|>', 'bracket 0');
check('typescript', 'if (a) {<|>}', 'bracket 0');
check('typescript', 'if (a) {\n  <|>\n}', 'bracket 0');
check('typescript', '  if (a) {\n    <|>\n  }', 'bracket 2');
check('typescript', 'if (a) {\n  <|>\n  b();\n}', 'line');
check('typescript', 'if (a) {<|>\n  b();\n}', 'line');
check('typescript', 'f(<|>)', 'line');
check('typescript', 'f(<|>', 'bracket 0');
check('typescript', 'f({<|>})', 'bracket 0');
check('typescript', 'a[<|>]', 'line');
check('typescript', 'f(() => {<|>})', 'bracket 0');
check('typescript', 'const f = (a) =><|>', 'arrow 0');
check('typescript', 'if (a) { // why {\n  <|>', 'bracket 0');
check('typescript', 'a(); // {<|>', 'line');
check('typescript', 'const u = "http://{<|>', 'bracket 0');
check('typescript', 'f(<|>, b)', 'line');
check('typescript', 'a();\n<|>', 'line');
check('typescript', '/** The sum of the prices. */\n<|>\n', 'definition');
check('typescript', '// The sum of the prices.\n<|>', 'definition');
check('typescript', '// The sum of the prices.\n<|>\nconst a = 1;', 'line');
check('typescript', 'case 1:<|>', 'line');
check('python', 'if a:<|>', 'colon 0');
check('python', 'if a:\n    <|>', 'colon 0');
check('python', '    def f(self):  # sums: all\n        <|>\n', 'colon 4');
check('python', 'if a:\n    <|>\n    b()', 'line');
check('python', 'x = {<|>}', 'bracket 0');
check('python', 'x[a:<|>]', 'colon 0');
check('python', '# Sum of the prices\n<|>\n\nx = 1', 'definition');
check('ruby', 'def total<|>', 'word 0');
check('ruby', 'lines.each do |line|\n  <|>\nend', 'word 0');
check('shellscript', 'if [ -f a ]; then<|>', 'word 0');
check('shellscript', 'for a in b; do\n  <|>\ndone', 'word 0');
check('lua', 'local function f(a)<|>', 'word 0');
check('go', 'func main() {\n\t<|>\n}', 'bracket 0');
check('markdown', 'A list:<|>', 'line');
check('json', '{<|>}', 'line');
check('unknown-language', 'while (x) {<|>', 'bracket 0');

/** `written` has a `<|>` where the suggestion is complete; without one, more may follow. */
function checkEnd(languageId: string, document: string, written: string, isWhole = false): void {
  test(`end: ${languageId} ${JSON.stringify(document)} + ${JSON.stringify(written)}`, () => {
    const context = contextAt(document);
    const at = written.indexOf('<|>');
    const shape = chooseShape(context, languageId, 'block');
    const end = findEnd(
      written.replace('<|>', ''),
      shape,
      { languageId, linePrefix: context.linePrefix },
      isWhole,
    );
    assert.equal(end, at === -1 ? undefined : at);
  });
}

checkEnd('typescript', 'a = <|>', 'b');
checkEnd('typescript', 'a = <|>', 'b;<|>\n');
checkEnd('typescript', 'a();<|>', '<|>\nb');
checkEnd('typescript', 'if (a) {<|>', '\n  b();\n}');
checkEnd('typescript', 'if (a) {<|>', '\n  b();\n}<|>', true);
checkEnd('typescript', 'if (a) {<|>', '\n  b();\n}<|>\n');
checkEnd('typescript', 'if (a) {<|>', '\n  b();\n}<|> else {');
checkEnd('typescript', 'f(() => {<|>', '\n  b();\n});<|>\n');
checkEnd('typescript', 'if (a) {<|>', '\n  b("}");\n  c');
checkEnd('typescript', 'if (a) {<|>', '\n  b();<|>\nc();');
checkEnd('typescript', 'if (a) {<|>', '\n  b();\n  c();<|>\n\n  d();');
checkEnd(
  'typescript',
  'if (a) {<|>',
  `\n${'  b();\n'.repeat(12)}`.replace(/(( {2}b\(\);\n){9} {2}b\(\);)/, '$1<|>'),
);
checkEnd('python', 'if a:\n    <|>', 'b()\n    c()');
checkEnd('python', 'if a:\n    <|>', 'b()\n    c()<|>\nd');
checkEnd('python', 'if a:\n    <|>', 'b()\n    c()\n');
checkEnd('python', 'def f():<|>', '\n    return 1\n\n<|>\nx');
checkEnd('ruby', 'def f<|>', '\n  1\nen');
checkEnd('ruby', 'def f<|>', '\n  1\nend<|>\n');
checkEnd('shellscript', 'if a; then\n  <|>', 'b\nfi<|>\nc');
checkEnd('typescript', '// The sum of it.\n<|>', 'function f(a) {\n  return a;\n}<|>\n');
checkEnd('typescript', '// The sum of it.\n<|>', 'const a = 1;<|>\nconst b = 2;');
checkEnd('python', '# The sum of it.\n<|>', 'def f(a):\n    return a<|>\nf(1)');

test('indentation in columns', () => {
  const rows = [
    ['a', 0],
    ['  a', 2],
    ['\ta', 4],
    [' \ta', 4],
    ['\t  a', 6],
    ['', 0],
  ] as const;
  for (const [text, columns] of rows) assert.equal(indentOf(text), columns, JSON.stringify(text));
});

test('only closers', () => {
  for (const text of ['', ')', '");', '}]', ' ']) assert.ok(isClosersOnly(text), text);
  for (const text of ['a', ').b', '(']) assert.ok(!isClosersOnly(text), text);
});

function checkScan(text: string, open: string, unmatched: string, languageId = 'typescript'): void {
  test(`brackets of ${JSON.stringify(text)}`, () => {
    const scan = scanBrackets(text, languageOf(languageId));
    assert.equal(scan.open.join(''), open);
    assert.equal(scan.unmatched.map((each) => each.char).join(''), unmatched);
  });
}

checkScan('f(a[0], {', '({', '');
checkScan('a) b]', '', ')]');
checkScan('"(" + \'[\' + `{`', '', '');
checkScan("don't (", '(', '');
checkScan("fn f<'a, 'b>(x", '(', '', 'rust');
checkScan('"\\"(" (', '(', '');
checkScan('// (\n[', '[', '');
checkScan('# (\n[', '[', '', 'python');
checkScan('a#(', '(', '', 'python');
checkScan('https://x (', '(', '');
checkScan('"open\n(', '(', '');
checkScan('({)', '', '');

function checkMore(document: string, expected: string): void {
  test(`more lines wanted, ${JSON.stringify(document)}: ${expected}`, () => {
    const shape = chooseShape(contextAt(document), 'typescript', 'more');
    assert.equal(shape.kind === 'lines' ? `lines ${shape.indent}` : shape.kind, expected);
  });
}

checkMore('  const a = <|>', 'lines 2');
checkMore('if (a) {<|>}', 'block');
checkMore('f(<|>)', 'line');
checkMore('f(<|>, b)', 'line');

function checkLinesEnd(written: string, expected: string): void {
  test(`lines end, ${JSON.stringify(written)}`, () => {
    const end = findEnd(
      written,
      { kind: 'lines', indent: 2 },
      { languageId: 'typescript', linePrefix: '  ' },
      true,
    );
    assert.equal(written.slice(0, end), expected);
  });
}

checkLinesEnd('a();\n  b();\n}\n', 'a();\n  b();');
checkLinesEnd('a();\n  if (b) {\n    c();\n  }\n\n  d();', 'a();\n  if (b) {\n    c();\n  }');
