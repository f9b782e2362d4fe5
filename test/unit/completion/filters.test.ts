/** Each filter alone, as a table; then all of them in a row as golden files. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseShape } from '../../../server/completion/chooseShape.ts';
import type { FilterContext } from '../../../server/completion/filters/filter.ts';
import { filters, runFilters } from '../../../server/completion/filters/runFilters.ts';
import type { FilterName } from '../../../server/completion/filters/runFilters.ts';
import { editDistance, isNear } from '../../../server/completion/filters/isNear.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { languageOf } from '../../../server/prompt/language.ts';
import { checkGolden } from '../../support/golden.ts';
import { contextAt } from './fixture.ts';

function given(document: string, languageId: string, over: Partial<FilterContext> = {}): FilterContext {
  const context = contextAt(document);
  return {
    context,
    languageId,
    language: languageOf(languageId),
    shape: chooseShape(context, languageId, 'block'),
    trigger: 'automatic',
    maxLines: 0,
    isCutByLength: false,
    ...over,
  };
}

/** `expected` may end with `|N`: N characters after the cursor are replaced. */
function checkFilter(
  name: FilterName,
  document: string,
  written: string,
  expected: string,
  languageId = 'typescript',
  over: Partial<FilterContext> = {},
): void {
  test(`${name}: ${JSON.stringify(document.slice(-40))} + ${JSON.stringify(written)}`, () => {
    const draft = filters[name]({ text: written, replaceLength: 0 }, given(document, languageId, over));
    assert.equal(draft.text + (draft.replaceLength > 0 ? `|${draft.replaceLength}` : ''), expected);
  });
}

checkFilter('stripSpecialTokens', 'a = <|>', 'b<|endoftext|>c', 'b');
checkFilter('stripSpecialTokens', 'a = <|>', 'b<file_sep>src/x.ts', 'b');
checkFilter('stripSpecialTokens', 'a = <|>', 'b[SUFFIX]', 'b');
checkFilter('stripSpecialTokens', 'a = <|>', 'b\n```\nThis code', 'b\n');
checkFilter('stripSpecialTokens', 'see:\n<|>', '```ts\na\n```', '```ts\na\n```', 'markdown');
checkFilter('stripSpecialTokens', 'const sep = "<file_sep>";\nuse(<|>', '"<file_sep>")', '"<file_sep>")');
checkFilter('stripSpecialTokens', 'a<|>', '.b < c && d > e', '.b < c && d > e');
checkFilter('stripSpecialTokens', 'a<|>', ' = b\r\n', ' = b\n');

for (const [languageId, document, written] of [
  ['rust', '/// Adds.\n/// <|>', '```'],
  ['rust', '/// Adds.\n<|>', '/// ```\n/// add(1, 2);\n/// ```'],
  ['typescript', '/**\n * For example:\n * <|>', '```ts\n * add(1);\n * ```'],
  ['python', 'def f():\n    """Adds.\n\n    <|>', '```python\n    f()\n    ```'],
  ['python', '# See\n# <|>', '```'],
  ['julia', '"""\n    add(a)\n\n<|>', '```julia'],
  ['go', '/*\n<|>', '```'],
  ['yaml', 'on: push\nbody: |\n  Run:\n  <|>', '```sh'],
  ['shellscript', 'cat <<EOF\nRun:\n<|>', '```sh\nls\n```'],
  ['typescript', 'const help = `\n<|>', '\\`\\`\\`ts'],
] as const) {
  checkFilter('stripSpecialTokens', document, written, written, languageId);
}
checkFilter('stripSpecialTokens', '// See\nf();<|>', '\n```\nThis', '\n', 'typescript');
checkFilter('stripSpecialTokens', '// See<|>', ' it\n```\nThis', ' it\n', 'typescript');
checkFilter('stripSpecialTokens', 'a = `x`;\nb = <|>', 'c;\n```', 'c;\n', 'typescript');
checkFilter('stripSpecialTokens', 'on: push\n<|>', 'a: b\n```', 'a: b\n', 'yaml');
checkFilter('trimLowValue', '/// add();\n/// <|>', '```', '```', 'rust');

checkFilter('limitToShape', 'const a = <|>', 'b;\nconst c = d;', 'b;');
checkFilter('limitToShape', 'foo();<|>', '\nbar();', '');
checkFilter('limitToShape', 'if (a) {<|>', '\n  b();\n  c();\n}', '\n  b();', 'typescript', { maxLines: 2 });
checkFilter('limitToShape', 'if (a) {<|>', '\n  b();\n}\nc();', '\n  b();\n}');
checkFilter('limitToShape', 'f(() => {<|>', '\n  b();\n});\nc();', '\n  b();\n});');
checkFilter('limitToShape', 'if a:\n    <|>', 'b()\n    c()\nd()', 'b()\n    c()', 'python');
checkFilter('limitToShape', 'if a:<|>', '\n    b()\nelse:\n    c()', '\n    b()', 'python');
checkFilter('limitToShape', 'if x; then\n  <|>', 'ls\nfi\nrm', 'ls\nfi', 'shellscript');
checkFilter('limitToShape', 'def a\n  <|>', 'b\nend\n\ndef c', 'b\nend', 'ruby');
checkFilter('limitToShape', 'if (a) {<|>', '\n  b();\n  c({\n    d: e,\n    f: g', '\n  b();', 'typescript', {
  isCutByLength: true,
});

checkFilter('dropRepeatedLines', 'foo.add(one);\n<|>', 'foo.add(one);', '');
checkFilter('dropRepeatedLines', 'foo.add(one);\nfoo.<|>', 'add(one);', '');
checkFilter('dropRepeatedLines', 'foo.add(one);\n<|>', 'foo.add(two);', 'foo.add(two);');
checkFilter('dropRepeatedLines', 'break;\n<|>', 'break;', 'break;');
checkFilter('dropRepeatedLines', 'f() {<|>', '\n  step(one);\n  step(one);\n  step(one);', '\n  step(one);');
checkFilter('dropRepeatedLines', 'a = [<|>', '0, 1, 0, 1, 0, 1, 0, 1, 0, 1', '', 'typescript', {
  isCutByLength: true,
});
checkFilter(
  'dropRepeatedLines',
  '<|>',
  'const A_FAST_LAMA_CXX_LAMA_CXX_OLD_LAMA_CXX_LAMA_CXX',
  '',
  'typescript',
  {
    isCutByLength: true,
  },
);
checkFilter(
  'dropRepeatedLines',
  'f {<|>',
  '\n  save();\n  a = [0, 1, 0, 1, 0, 1, 0, 1',
  '\n  save();',
  'typescript',
  {
    isCutByLength: true,
  },
);
checkFilter('dropRepeatedLines', 'a = [<|>', '0, 0, 0, 0, 0];', '0, 0, 0, 0, 0];');

checkFilter('fixIndentation', 'if (a) {\n    b();\n    <|>', '    c();', 'c();');
checkFilter('fixIndentation', 'if a:\n    b()\n    if c:\n    <|>', '    d()', '    d()', 'python');
checkFilter('fixIndentation', 'if a:\n    b()\n    if c:\n    <|>', '            d()', '    d()', 'python');
checkFilter('fixIndentation', 'x = <|>', ' y', 'y');
checkFilter('fixIndentation', 'x =<|>', ' y', ' y');
checkFilter('fixIndentation', 'a {\n\tb {\n\t\tc\n\t}\n}\nf {<|>', '\n    g\n}', '\n\tg\n}');
checkFilter('fixIndentation', 'a {\n  b {\n    c\n  }\n}\nf {<|>', '\n\tg\n}', '\n    g\n}');
checkFilter('fixIndentation', 'f {<|>', '\n  a\n   \n  b', '\n  a\n\n  b');

const rules = 'main.o: main.c\n\tcc main.c\n\nlist.o: list.c\n<|>';
checkFilter('fixIndentation', rules, '\tcc list.c', '\tcc list.c', 'makefile');
checkFilter('fixIndentation', rules, '    cc list.c', '\tcc list.c', 'makefile');
checkFilter('fixIndentation', rules, 'tail.o: tail.c', 'tail.o: tail.c', 'makefile');
checkFilter('fixIndentation', 'all: main.o\n<|>', '\tgcc -o all main.o', '\tgcc -o all main.o', 'makefile');
checkFilter('fixIndentation', 'all: a\n\t<|>', '\tcc a', 'cc a', 'makefile');
checkFilter('fixIndentation', 'all: a\n\tcc a\n<|>', '  cc b', '\tcc b', 'makefile');
checkFilter('fixIndentation', 'ifeq ($(A),b)\n<|>', '  CC = gcc', '  CC = gcc', 'makefile');
checkFilter('fixIndentation', 'A := b\n<|>', '  C = d', '  C = d', 'makefile');
checkFilter('fixIndentation', 'all: a\n<|>', '\tcc a\n    cc b', '\tcc a\n\tcc b', 'makefile');
checkFilter('fixIndentation', 'func main() {\n<|>', '\trun()', '\trun()', 'go');
checkFilter('fixIndentation', 'func main() {\n<|>', '    run()', '\trun()', 'go');
checkFilter(
  'fixIndentation',
  'func main() {<|>',
  '\n\tif a {\n\t\tb()\n\t}\n}',
  '\n\tif a {\n\t\tb()\n\t}\n}',
  'go',
);
checkFilter('fixIndentation', '\tswitch a {\n\tcase 1:\n<|>', '\t\tb()', '\t\tb()', 'go');
checkFilter('fixIndentation', 'a {\n  b {\n    c\n  }\n}\nf {<|>', '\n\tg\n}', '\n\tg\n}', 'go');
checkFilter('fixIndentation', 'a\t1\nb\t<|>', '\t2', '\t2', 'tsv');
checkFilter('limitToShape', 'a\t1\t2\n<|>', '\tb\t\nc', '\tb\t', 'tsv');
checkFilter('trimLowValue', 'a\t1\t2\n<|>', 'beta\t\t', 'beta\t\t', 'tsv');
checkFilter('fixIndentation', 'a\n<|>', '\tif (b) {\n\t\tc\n\t}', 'if (b) {\n\t\tc\n\t}', 'c');
checkFilter('fixIndentation', 'if (a) {\n<|>', '\tb;', '\tb;', 'c');
checkFilter('fixIndentation', 'a {\n\tb {\n\t\tc\n\t}\n}\n<|>', '/**\n * d\n */', '/**\n * d\n */');
const script = 'if a; then\n  b\n  c\nfi\n';
checkFilter('fixIndentation', `${script}cat <<-EOF\n<|>`, '\tone\n\ttwo', '\tone\n\ttwo', 'shellscript');
checkFilter(
  'fixIndentation',
  `${script}cat <<EOF\n  one\n<|>`,
  '  two\n \nEOF',
  '  two\n \nEOF',
  'shellscript',
);
checkFilter('fixIndentation', `${script}cat <<EOF\nEOF\nif a; then<|>`, '\n\tb', '\n    b', 'shellscript');

checkFilter('trimSuffixOverlap', 'foo(<|>)', 'a, b)', 'a, b');
checkFilter('trimSuffixOverlap', 'foo(<|>)', 'bar()', 'bar()');
checkFilter('trimSuffixOverlap', 'foo(<|>)', 'bar())', 'bar()');
checkFilter('trimSuffixOverlap', 'foo(<|>)', 'a, b);', 'a, b);|1');
checkFilter('trimSuffixOverlap', 'foo(<|>);', 'a, b);', 'a, b');
checkFilter('trimSuffixOverlap', 'foo("<|>")', 'a")', 'a');
checkFilter('trimSuffixOverlap', 'foo("<|>")', 'a", b)', 'a", b)|2');
checkFilter('trimSuffixOverlap', 'return a<|>;', '.b;', '.b');
checkFilter('trimSuffixOverlap', 'f() {<|>}', '\n  b();\n}', '\n  b();\n');
checkFilter('trimSuffixOverlap', 'foo(<|>, bar)', 'a, bar)', 'a');
checkFilter('trimSuffixOverlap', 'foo(<|>, bar)', 'a', 'a');
checkFilter('trimSuffixOverlap', 'const <|> = compute();', 'total = compute();', 'total');
checkFilter('trimSuffixOverlap', 'a();\n<|>\nsave(cart);\n', 'save(cart);', '');
checkFilter('trimSuffixOverlap', 'f() {<|>\nsave(cart);\n', '\n  b();\n  save(cart);\n', '\n  b();');
checkFilter('trimSuffixOverlap', '@Override\nfoo();\n@<|>\n@Override\n', 'Override', 'Override', 'java');
checkFilter('trimSuffixOverlap', '@Override\nfoo();\n<|>\n@Override\n', '@Override', '', 'java');
checkFilter('trimSuffixOverlap', 'a();\nsave(<|>\nsave(cart);\n', 'cart);', '');
checkFilter('trimSuffixOverlap', 'x1 = 1\n<|>\nx3 = 3\n', 'x2 = 2', 'x2 = 2');
checkFilter(
  'trimSuffixOverlap',
  '<|>\nconst total = lines.reduce((sum, line) => sum + line.price, 0);\n',
  'const total = lines.reduce((sum, line) => sum + line.price, 1);',
  '',
);

checkFilter('balanceClosers', 'f(a<|>', ', b);', ', b);');
checkFilter('balanceClosers', '  f(a<|>\n}\n}', ', b);', ', b);');
checkFilter('balanceClosers', 'f(a<|>)', ', b)', ', b');
checkFilter('balanceClosers', 'a = b<|>', ');', '');
checkFilter('balanceClosers', 'if (a) {\n  b();\n<|>', '}', '}');
checkFilter('balanceClosers', 'if (a) {\n  b();<|>\n}', '\n}', '');
checkFilter('balanceClosers', 'g(")", <|>', 'a)', 'a)');
checkFilter('balanceClosers', '// smile :)\nf(<|>', 'a)', 'a)');
checkFilter('balanceClosers', 'def f(a):\n    return [<|>', 'a]', 'a]', 'python');
checkFilter('balanceClosers', "it's = (<|>", 'a)', 'a)', 'python');

const select = 'case "$1" in\n  start)\n    run\n    ;;\n';
for (const [languageId, document, written] of [
  ['shellscript', `${select}  restart<|>`, ')\n    stop && start\n    ;;'],
  ['shellscript', `${select}  <|>`, 'restart)'],
  ['shellscript', 'while a; do\n  case "$1" in\n    --verbose) v=1 ;;\n    --help<|>', ') usage ;;'],
  ['shellscript', 'case $a in b) case $c in d<|>', ') e;; esac;; f) g;; esac'],
  ['shellscript', 'case $a in\n  (b<|>', ') c ;;\n  d) e ;;'],
  ['shellscript', 'case $(f "$a") in\n  [yY]|yes<|>', ') ok $(g);;'],
  ['shellscript', 'a=b\\)<|>', '\\)c'],
  ['python', '# Random in [0, <|>', '1), never 1'],
  ['python', 'def f():\n    """In [0, <|>', '1)."""'],
  ['python', 'f(<|>', '":)", b")")'],
  ['typescript', '/**\n * In [0, <|>', '1).'],
  ['typescript', 'say("in [0, <|>', '1)");'],
  ['typescript', 'a = b.replace(<|>', '/[)\\]}]/g, "")'],
  ['typescript', 'a = <|>', '/\\)+/.test(b)'],
  ['typescript', 'a = `in [0, ${b(<|>', 'c)}) of ${d}`'],
  ['ruby', 'a = <|>', '?)'],
  ['ruby', 'a = <<~TEXT\n  in [0, <|>', '1)\nTEXT'],
  ['elisp', '(insert <|>', '?\\))'],
  ['clojure', '(conj a <|>', '\\))'],
  ['scheme', "(f '(a b) <|>", '#\\))'],
  ['rust', "f('(', <|>", "')', b')')"],
  ['erlang', 'f(<|>', '$))'],
  ['lua', '--[[ in [0, <|>', '1) ]]'],
  ['go', 'a := `[0, <|>', '1)`'],
  ['markdown', 'a) one\nb<|>', ') two'],
  ['yaml', 'title: <|>', '1) first'],
] as const) {
  checkFilter('balanceClosers', document, written, written, languageId);
}
checkFilter(
  'limitToShape',
  `${select}  restart<|>`,
  ')\n    a\n    ;;\n  b)\n',
  ')\n    a\n    ;;',
  'shellscript',
);
checkFilter('limitToShape', `${select}  restart<|>\nesac\n`, ') a ;;\n  b) c', ') a ;;', 'shellscript');
checkFilter('balanceClosers', `${select}  restart) run<|>`, '); x', '', 'shellscript');
checkFilter('balanceClosers', `${select}esac\na=b<|>`, ') c', '', 'shellscript');
checkFilter('balanceClosers', 'echo case\nfor a in b<|>', ') c', '', 'shellscript');
checkFilter('balanceClosers', 'case $a in\n  b) c $(d<|>', '))', ')', 'shellscript');
checkFilter('balanceClosers', 'a = b / c<|>', ') / d', '');
checkFilter('balanceClosers', 'a = `${b}`<|>', ');', '');
checkFilter('balanceClosers', '# in [0, 1)\na = b<|>', ')', '', 'python');
checkFilter('balanceClosers', 'cat <<EOF\n[0, 1)\nEOF\na=b<|>', ') c', '', 'shellscript');

checkFilter('trimLowValue', 'foo(a<|>', ');', '');
checkFilter('trimLowValue', 'foo(a<|>', 'b);', '');
checkFilter('trimLowValue', 'foo(a<|>', ', bc);  ', ', bc);');
checkFilter('trimLowValue', 'foo(a<|>', ');', ');', 'typescript', { trigger: 'manual' });
checkFilter('trimLowValue', 'return total<|>', 'total', '');

test('a filter that fails costs its own effect only', () => {
  const broken = () => {
    throw new Error('broken');
  };
  const draft = { text: 'b;\nc', replaceLength: 0 };
  const stages = { stripSpecialTokens: broken, limitToShape: filters.limitToShape };
  const result = runFilters(draft, given('a = <|>', 'typescript'), silentLogger, stages);
  assert.deepEqual(result, { kind: 'kept', draft: { text: 'b;', replaceLength: 0 } });
});

test('who dropped it is told', () => {
  const result = runFilters({ text: ');', replaceLength: 0 }, given('foo(a<|>', 'typescript'), silentLogger);
  assert.deepEqual(result, { kind: 'dropped', by: 'trimLowValue' });
});

test('edit distance', () => {
  const rows = [
    ['', '', 0],
    ['kitten', 'sitting', 3],
    ['abc', '', 3],
    ['same', 'same', 0],
  ] as const;
  for (const [a, b, expected] of rows) assert.equal(editDistance(a, b, 100), expected);
  assert.equal(editDistance('aaaaaaaa', 'bbbbbbbb', 2), 3);
  assert.ok(!isNear('a1 = 1', 'a2 = 1'));
});

/** One golden file a language: document, what the model wrote, what is shown. */
function checkAll(name: string, languageId: string, cases: readonly (readonly [string, string])[]): void {
  test(`golden: ${name}`, () => {
    const shown = cases.map(([document, written]) => {
      const result = runFilters(
        { text: written, replaceLength: 0 },
        given(document, languageId),
        silentLogger,
      );
      const after =
        result.kind === 'dropped'
          ? `dropped by ${result.by}`
          : document.replace('<|>', `<|${result.draft.text}|>`) +
            (result.draft.replaceLength > 0 ? `\n(replaces ${result.draft.replaceLength})` : '');
      return `--- document\n${document}\n--- written\n${written}\n--- shown\n${after}\n`;
    });
    checkGolden(`filters/${name}.txt`, shown.join('\n'));
  });
}

checkAll('typescript', 'typescript', [
  [
    'export function total(cart: Cart): number {\n  <|>\n}\n',
    'return cart.lines.reduce((sum, line) => sum + line.price, 0);\n}\n\nexport function',
  ],
  [
    'export class Cart {\n  add(line: Line): void {\n    <|>\n  }\n}\n',
    '    this.lines.push(line);\n  }\n\n  remove(',
  ],
  ['const names = users.map(<|>)', '(user) => user.name);\nconsole.log(names);'],
  ['const names = users.map(<|>);', '(user) => user.name)'],
  ['if (user.isAdmin<|>) {\n  grant();\n}', '() && user.isActive) {\n  grant();'],
  ['import { a } from "./a.ts";\nimport { b } from "<|>";', './b.ts";\nimport { c }'],
  ['const x = <|>\nconst y = 2;\n', 'y;\nconst y = 2;'],
  ['switch (kind) {\n  case "a":\n    return 1;\n  <|>\n}', 'case "a":\n    return 1;'],
  ['try {\n  load();\n} catch (error) {<|>}', '\n  report(error);\n}\n'],
]);

checkAll('python', 'python', [
  [
    'def total(cart):\n    <|>\n',
    '    return sum(line.price for line in cart.lines)\n\n\ndef other():\n    pass',
  ],
  ['class Cart:\n    def add(self, line):<|>\n', '\n        self.lines.append(line)\n\n    def remove(self'],
  [
    'for line in lines:\n    if line.price > 10:\n        <|>\n    other()\n',
    'print(line)\n        other()\n    other()',
  ],
  ['print(f"{a}<|>")', ' {b}")'],
  [
    '# Sum of all prices.\n<|>\n',
    'def total(lines):\n    return sum(line.price for line in lines)\n\nprint(',
  ],
  ['x = 1\ny = <|>', '<|fim_middle|>'],
]);
