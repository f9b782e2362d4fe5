/** The pieced text behaves as a string does, whatever the changes and wherever the pieces are cut. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { documentText } from '../../../server/signals/documentText.ts';

test('drawn changes of a large text give what they give of a string', () => {
  const random = seededRandom(5);
  let expected = Array.from({ length: 60_000 }, (_, i) => `line ${i}\n`).join('');
  let text = documentText(expected);
  for (let round = 0; round < 300; round++) {
    const isFar = random.int(5) === 0;
    const near = Math.min(expected.length, Math.floor(expected.length / 2) + random.int(400));
    const startOffset = isFar ? random.int(expected.length + 1) : near;
    const endOffset = Math.min(expected.length, startOffset + random.int(random.int(9) === 0 ? 300_000 : 5));
    const inserted = 'abc\n'.repeat(random.int(random.int(9) === 0 ? 60_000 : 3));
    text = text.changed({ startOffset, endOffset, text: inserted });
    expected = expected.slice(0, startOffset) + inserted + expected.slice(endOffset);
    assert.equal(text.length, expected.length);
    const start = random.int(expected.length + 1);
    const end = Math.min(expected.length, start + random.int(400_000));
    assert.ok(text.slice(start, end) === expected.slice(start, end), `round ${round}`);
    assert.ok(text.slice(start) === expected.slice(start), `round ${round}`);
  }
  assert.ok(text.whole() === expected);
});

test('the empty text', () => {
  const text = documentText('');
  assert.equal(text.length, 0);
  assert.equal(text.slice(0), '');
  assert.equal(text.changed({ startOffset: 0, endOffset: 0, text: 'a' }).whole(), 'a');
});
