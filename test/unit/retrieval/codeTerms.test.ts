/** Identifiers as terms: whole, and split at capitals, underscores and digits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { termsOf, wordsOf } from '../../../server/retrieval/codeTerms.ts';

function check(text: string, expected: string) {
  assert.equal([...termsOf(text)].join(' '), expected);
}

test('compound names count whole and in parts', () => {
  check('parseHttpUrl', 'parsehttpurl parse http url');
  check('parseHTTPUrl', 'parsehttpurl parse http url');
  check('max_retry_count', 'max_retry_count max retry count');
  check('utf8Decoder', 'utf8decoder utf decoder');
  check('__init__', '__init__ init');
  check('$scope', '$scope scope');
  check('MAX', 'max');
  check('Foo', 'foo');
});

test('numbers, punctuation and very long words are no terms', () => {
  check('42 + 0x1f', '');
  check(`a${'b'.repeat(80)} ok`, 'ok');
  check('', '');
});

test('letters of other scripts are letters', () => {
  check('größe_cm', 'größe_cm gr größe cm'.replace('gr größe', 'größe'));
  assert.deepEqual(wordsOf('имя = 1'), ['имя']);
});
