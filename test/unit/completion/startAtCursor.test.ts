/** What follows the cursor, given what was kept back from the prompt, as a table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAtCursor } from '../../../server/completion/startAtCursor.ts';
import { contextAt } from './fixture.ts';

function check(document: string, heldBack: string, raw: string, expected: string | undefined): void {
  test(`${JSON.stringify(document)} - ${JSON.stringify(heldBack)} + ${JSON.stringify(raw)}`, () => {
    assert.equal(startAtCursor(raw, heldBack, contextAt(document)), expected);
  });
}

check('a = <|>', ' ', '', '');
check('a = <|>', ' ', ' b', 'b');
check('a = <|>', ' ', 'b', 'b');
check('a = <|>', ' ', '\nb', '\nb');
check('a =<|>', '', ' b', ' b');
check('a\n<|>', '\n', '\nb', 'b');
check('a\n<|>', '\n', '.c', undefined);
check('a\n\n<|>', '\n', 'b', 'b');
check('a\n\n<|>', '\n', '\nb', 'b');
check('a\n<|>', '\n', '\n\nb', 'b');
check('a\n<|>', '\n', '\n\n\nb', 'b');
check('a\n<|>', '\n', '\n\n\n\nb', '\n\n\nb');
check('a\n<|>', '\n', '\n\n', '');
check('a {\n  <|>', ' ', ' \n  b', '  b');
check('a {\n  b\n  <|>', ' ', ' \nc', '\nc');
check('a {\n\t<|>', '\t', '\tb', 'b');
