/** Tokens become whole characters, and stop texts end the text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTextStream } from '../../../server/llama/textStream.ts';

/** A token is a byte here, so that characters span tokens. */
const fromBytes = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8');

/** Feeds the UTF-8 bytes of `input`, checks the text after each byte, and how many bytes were taken. */
function check(
  input: string | readonly number[],
  stops: readonly string[],
  expected: readonly string[],
): void {
  const stream = createTextStream(fromBytes, stops, undefined);
  const seen: string[] = [];
  for (const byte of typeof input === 'string' ? Buffer.from(input) : input) {
    const verdict = stream.add(byte);
    seen.push(verdict === 'stopText' ? `${stream.text}|` : stream.text);
    if (verdict === 'stopText') break;
  }
  assert.deepEqual(seen, expected);
}

test('plain text', () => check('ab', [], ['a', 'ab']));
test('two bytes', () => check('a\u00e9b', [], ['a', 'a', 'a\u00e9', 'a\u00e9b']));
test('four bytes', () => check('\u{1f600}', [], ['', '', '', '\u{1f600}']));
test('bytes that never become a character are let through after four', () =>
  check(
    [0xff, 0xff, 0xff, 0xff, 0x61],
    [],
    ['', '', '', '\ufffd\ufffd\ufffd\ufffd', '\ufffd\ufffd\ufffd\ufffda'],
  ));
test('half a character at the end is left out', () => check([0x61, 0xf0, 0x9f], [], ['a', 'a', 'a']));
test('a stop text', () => check('ab\ncd', ['\n'], ['a', 'ab', 'ab|']));
test('a stop text of several tokens', () => check('a\n\nb', ['\n\n'], ['a', 'a\n', 'a|']));
test('the first of several', () => check('abc', ['c', 'b'], ['a', 'a|']));
test('the longest reach back', () => check('xabc', ['abc', 'zzzzzz'], ['x', 'xa', 'xab', 'x|']));
test('a stop text at once', () => check('\n', ['\n'], ['|']));
test('an empty stop text is none', () => check('a', [''], ['a']));

test('the token before is told, since some vocabularies drop a leading space', () => {
  const befores: (number | undefined)[] = [];
  const stream = createTextStream((tokens, before) => (befores.push(before), String(tokens)), [], 7);
  stream.add(1);
  stream.add(2);
  assert.deepEqual(befores, [7, 1]);
});
