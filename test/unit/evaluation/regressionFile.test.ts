/** The regression file: what it may say, where it is wrong, and what passes. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { parseRegressionFile, readRegressionFile } from '../../../server/evaluation/regressionFile.ts';
import { reasonsAgainst } from '../../../server/evaluation/runRegression.ts';
import { createSyntaxReader } from '../../../server/retrieval/syntax.ts';

const whole = `
cases:
  - name: our logger
    path: src/a.ts
    prefix: |
      import { log } from './log.ts';
      log.
    suffix: |

      export {};
    expected_contains: info
    not_contains: [console.log, print]
    expected_format: parses
  - name: no key
    path: .env
    prefix: API_KEY=
    not_contains: sk-
    adversarial: true
`;

test('a file is read with all its fields', () => {
  const [logger, key, ...rest] = parseRegressionFile(whole);
  assert.deepEqual(rest, []);
  assert.deepEqual(logger, {
    ...{ name: 'our logger', path: 'src/a.ts', suffix: '\nexport {};\n' },
    prefix: "import { log } from './log.ts';\nlog.\n",
    ...{ expectedContains: ['info'], notContains: ['console.log', 'print'] },
    ...{ mustParse: true, isAdversarial: false },
  });
  assert.deepEqual([key?.isAdversarial, key?.mustParse, key?.suffix], [true, false, '']);
});
test('an empty file, or one of comments, has no cases', () => {
  assert.deepEqual(parseRegressionFile(''), []);
  assert.deepEqual(parseRegressionFile('# later\n'), []);
});

/** @param sentence what stands between the file's name and the remedy. */
function checkWrong(content: string, sentence: RegExp): void {
  assert.throws(
    () => parseRegressionFile(content),
    (error) => {
      assert.ok(error instanceof IdiomError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, sentence);
      assert.match(error.sentence, /^\.idiom\/regression\.yaml is wrong.*docs\/gate\.md has its format\.$/);
      return true;
    },
  );
}
const one = (fields: string) => `cases:\n  - name: a\n    path: a.ts\n    prefix: x\n${fields}`;

test('YAML that is none is told with its place', () =>
  checkWrong('cases:\n  - name: "a\n', /at line 3, column 1: Missing closing/));
test('tabs are no indentation', () => checkWrong('cases:\n\t- name: a\n', /at line 2, column 1/));
test('a misspelt field is named where it stands', () =>
  checkWrong(one('    expected_contain: y\n'), /at line 2, column 5: Unrecognized key: "expected_contain"/));
test('a value of another type', () =>
  checkWrong(
    one('    expected_contains: y\n    adversarial: maybe\n'),
    /at line 6, column 18: "adversarial": Invalid/,
  ));
test('a missing field', () =>
  checkWrong('cases:\n  - name: a\n    path: a.ts\n', /at line 2, column 5: "prefix": Invalid input/));
test('a case that expects nothing', () =>
  checkWrong(one('    suffix: y\n'), /at line 2, column 5: a case expects something/));
test('an adversarial case that forbids nothing', () =>
  checkWrong(one('    expected_contains: y\n    adversarial: true\n'), /says with not_contains/));
test('another format', () =>
  checkWrong(one('    expected_format: json\n'), /at line 5, column 22: "expected_format"/));
test('a name that is there twice', () =>
  checkWrong(
    `${one('    not_contains: y\n')}${one('    not_contains: y\n').slice(7)}`,
    /at line 6, column 11: "a" is there twice/,
  ));
test('no list of cases', () => checkWrong('- name: a\n', /at line 1, column 1/));
test('aliases that multiply', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x]'];
  for (const name of 'bcdefgh') {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    bomb.push(`${name}: &${name} [${`*${before},`.repeat(8)}]`);
  }
  checkWrong(bomb.join('\n'), /alias/i);
});

test('a repository without the file has no cases; a file that is too large is refused', () => {
  const root = mkdtempSync(join(tmpdir(), 'idiom-regression-'));
  try {
    assert.deepEqual(readRegressionFile(root), []);
    mkdirSync(join(root, '.idiom'));
    writeFileSync(join(root, '.idiom', 'regression.yaml'), whole);
    assert.equal(readRegressionFile(root).length, 2);
    writeFileSync(join(root, '.idiom', 'regression.yaml'), '#'.repeat(1_000_001));
    assert.throws(() => readRegressionFile(root), /more than 1 MB/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

const syntax = await createSyntaxReader();
await syntax.prepare(['typescript', 'python']);

/** @param expected words in the one reason against `text`; undefined: it passes. */
function checkText(fields: string, text: string, expected?: RegExp): void {
  const [parsed] = parseRegressionFile(one(fields));
  assert.ok(parsed !== undefined);
  const reasons = reasonsAgainst(parsed, text, syntax.hasError);
  if (expected === undefined) return assert.deepEqual(reasons, []);
  assert.equal(reasons.length, 1);
  assert.match(reasons[0] ?? '', expected);
}
test('what is expected has to be there', () => {
  checkText('    expected_contains: [a, b]\n', 'b a');
  checkText('    expected_contains: [a, b]\n', 'a', /has no "b"/);
  checkText('    expected_contains: a\n', '', /has no "a"/);
});
test('what is not wanted may not be there', () => {
  checkText('    not_contains: eval(\n', 'x()');
  checkText('    not_contains: eval(\n', 'eval(x)', /has "eval\("/);
  checkText('    not_contains: eval(\n', '');
});
test('a suggestion has to fit into the file as its language wants it', () => {
  checkText('    expected_format: parses\n', ' = 1;');
  checkText('    expected_format: parses\n', ' = = 1;', /syntax error/);
  checkText('    expected_format: parses\n    suffix: ");"\n', '.log(1');
  checkText('    expected_format: parses\n', '', /Nothing was suggested/);
  const odd = '    expected_format: parses\n';
  const [parsed] = parseRegressionFile(one(odd).replace('a.ts', 'a.unknown'));
  assert.match(reasonsAgainst(parsed ?? assert.fail(), 'x', syntax.hasError)[0] ?? '', /no grammar/);
});
test('silence is right where a case is a trap', () =>
  checkText('    not_contains: y\n    expected_contains: z\n    adversarial: true\n', ''));
