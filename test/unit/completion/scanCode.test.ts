/** What of a text is code: brackets outside of comments and strings, and how long it takes to tell. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanCode } from '../../../server/completion/scanCode.ts';
import { languageOf } from '../../../server/prompt/language.ts';

/** @param expected the text with `_` for each character of a comment or string; ends are inclusive. */
function check(languageId: string, text: string, expected: string): void {
  test(`${languageId}: ${JSON.stringify(text)}`, () => {
    const chars = [...text];
    for (const { start, end } of scanCode(text, languageOf(languageId)).texts)
      for (let i = Math.max(0, start); i <= end && i < chars.length; i++)
        if (chars[i] !== '\n') chars[i] = '_';
    assert.equal(chars.join(''), expected);
  });
}

check('typescript', 'a("b") // c', 'a(___) ____');
check('typescript', 'a /* b */ c', 'a _______ c');
check('typescript', '`a${b("c")}d` e', '____b(___)___ e');
check('typescript', '`${a({ b: `${c}` })}`', '___a({ b: ___c__ })__');
check('typescript', 'a / b / c', 'a / b / c');
check('typescript', 'f(/a[/)]b/) / c', 'f(________) / c');
check('typescript', '<a>b</a></c>', '<a>b</a></c>');
check('typescript', '"a\nb"', '__\nb_');
check('python', `f'(' + don't`, `f___ + don't`);
check('python', '"""a\n"b" c""" d', '____\n________ d');
check('shellscript', 'cat <<-EOF | b\nc )\n\tEOF\nd', 'cat <<-EOF | b\n___\n\tEOF\nd');
check('shellscript', 'cat <<A <<"B"\n1\nA\n2\nB\nc', 'cat <<A <<___\n_\nA\n_\nB\nc');
check('shellscript', 'a <<< b\nc', 'a <<< b\nc');
check('shellscript', 'echo ${a#b} # c', 'echo ${a#b} ___');
check('ruby', 'a <<~B.strip\n c\nB\nd', 'a <<~B.strip\n__\nB\nd');
check('rust', "a<'b>('c', '\\'')", "a<'b>(___, ____)");
check('lisp', "`(a ,b) '(c) ; d", "`(a ,b) '(c) ___");
check('lua', '--[[ a\nb ]] c -- d', '______\n____ c ____');
check('haskell', "foldl' {- ( -} x", "foldl' _______ x");

/** Inputs that a scan with a second look at each place would take a square of time for. */
for (const [name, languageId, piece] of [
  ['slashes', 'typescript', ' /['],
  ['apostrophes', 'typescript', " 'a\n"],
  ['interpolations', 'typescript', '`${'],
  ['heredocs', 'shellscript', 'a <<B\n'],
  ['cases', 'shellscript', 'case a in b\n'],
  ['openers', 'typescript', '([{'],
  ['stars', 'typescript', '/*'],
  ['quotes', 'python', '"""'],
] as const) {
  test(`time grows with the length only: ${name}`, () => {
    const language = languageOf(languageId);
    const timeOf = (n: number): number => {
      const text = piece.repeat(n);
      const times = Array.from({ length: 3 }, () => {
        const startMs = performance.now();
        scanCode(text, language);
        return performance.now() - startMs;
      });
      return Math.min(...times);
    };
    timeOf(2000);
    const [short, long] = [timeOf(2000), timeOf(32_000)];
    assert.ok(long < 120 * Math.max(short, 0.2), `${short} ms, then ${long} ms`);
  });
}
