/** Every reason of the daemon is told in words, and slowness is offered a remedy once. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silenceOf, SlownessCount } from '../../../extension/silence.ts';

const source = readFileSync(join(import.meta.dirname, '../../../server/completion/noneReason.ts'), 'utf8');
const reasons = [...source.matchAll(/\| '(\w+)'/g)].map(([, reason = '']) => reason);

test('each reason of the closed list has words of its own, or passes by itself', () => {
  assert.ok(reasons.length > 10);
  const untold = reasons.filter((reason) => silenceOf(reason)?.reason === `${reason}.`);
  assert.deepEqual(untold, []);
});

function check(none: string, expected: string | undefined): void {
  test(none, () => assert.equal(silenceOf(none)?.reason, expected));
}

check('superseded', undefined);
check('aborted', undefined);
check('filtered:balanceClosers', "the model's text did not fit here.");
check('somethingNew', 'somethingNew.');

function offers(name: string, answers: readonly (string | undefined)[], expected: readonly number[]): void {
  test(name, () => {
    const count = new SlownessCount();
    assert.deepEqual(
      answers.flatMap((none, i) => (count.add(none) ? [i] : [])),
      expected,
    );
  });
}

offers('three in a row, once', ['tooSlow', 'tooSlow', 'tooSlow', 'tooSlow', 'tooSlow'], [2]);
offers('what says nothing about pace does not count', ['tooSlow', 'aborted', 'tooSlow', 'tooSlow'], [3]);
offers('a suggestion begins the count anew', ['tooSlow', 'tooSlow', undefined, 'tooSlow', 'tooSlow'], []);
offers('so does an answer that was not shown', ['tooSlow', 'tooSlow', 'emptyOutput', 'tooSlow'], []);
