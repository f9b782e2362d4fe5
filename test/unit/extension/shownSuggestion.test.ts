/** A suggestion followed through changes of the document. The cursor is `|`, what is to come stands after it in the list. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followChange, isAt } from '../../../extension/shownSuggestion.ts';
import type { ShownSuggestion, TextChange } from '../../../extension/shownSuggestion.ts';

const start: ShownSuggestion = {
  uri: 'file:///a.ts',
  offset: 10,
  items: [
    { id: 'one', rest: 'foo(bar)' },
    { id: 'two', rest: 'fix()' },
  ],
};
const insert = (offset: number, text: string): TextChange => ({ offset, removedLength: 0, text });

/** `expected`: the offset and the rest of each item, for example `13 one:(bar)`; '' when nothing is left. */
function check(steps: readonly (readonly TextChange[])[], expected: string): void {
  let shown: ShownSuggestion | undefined = start;
  for (const changes of steps) shown = shown && followChange(shown, changes);
  const text = shown && [shown.offset, ...shown.items.map(({ id, rest }) => `${id}:${rest}`)].join(' ');
  assert.equal(text ?? '', expected);
}

test('nothing changed', () => check([[]], '10 one:foo(bar) two:fix()'));
test('typed along with both', () => check([[insert(10, 'f')]], '11 one:oo(bar) two:ix()'));
test('typed along with one', () => check([[insert(10, 'f')], [insert(11, 'o')]], '12 one:o(bar)'));
test('accepted a word', () => check([[insert(10, 'foo')]], '13 one:(bar)'));
test('typed or accepted to the end', () => check([[insert(10, 'foo(bar)')]], '18 one:'));
test('typed something else', () => check([[insert(10, 'x')]], ''));
test('typed beyond the end', () => check([[insert(10, 'fix()')], [insert(15, ';')]], ''));
test('typed elsewhere', () => check([[insert(3, 'f')]], ''));
test('deleted', () => check([[{ offset: 9, removedLength: 1, text: '' }]], ''));
test('replaced at the cursor', () => check([[{ offset: 10, removedLength: 1, text: 'f' }]], ''));
test('several cursors', () => check([[insert(10, 'f'), insert(4, 'f')]], ''));

test('the cursor is in front of it only there', () => {
  assert.ok(isAt(start, 'file:///a.ts', 10));
  assert.ok(!isAt(start, 'file:///a.ts', 11));
  assert.ok(!isAt(start, 'file:///b.ts', 10));
});
