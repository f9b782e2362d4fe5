/** When a daemon counts as silent, on a clock that the test moves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchAnswers } from '../../../extension/silentDaemon.ts';
import { ManualClock } from '../../../server/base/clock.ts';

/** Answers the first questions, by number of seconds later, and no more; when silence is noticed, in seconds. */
async function check(answersAfterS: readonly (number | 'error')[], silentAtS: number): Promise<void> {
  const clock = new ManualClock();
  const noticed: number[] = [];
  let nAsked = 0;
  const ask = () =>
    new Promise((resolve, reject) => {
      const answer = answersAfterS[nAsked++];
      if (answer === 'error') reject(new Error('Unhandled method idiom/ping'));
      else if (answer !== undefined) clock.setTimer(answer * 1000, () => resolve(null));
    });
  const watch = watchAnswers(ask, clock, () => noticed.push(clock.nowMs() / 1000));
  for (let s = 0; s < 200; s++) {
    clock.advance(1000);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
  watch.dispose();
  assert.deepEqual(noticed, [silentAtS]);
}

test('silent from the start', () => check([], 26));
test('silent after two answers', () => check([1, 2], 15 + 1 + 15 + 2 + 15 + 11));
test('an error is an answer, and comes from an older daemon', () => check(['error'], 15 + 15 + 11));
test('late, but there', () => check([9], 15 + 9 + 15 + 11));
test('an answer in the moment after a sleep counts', () => check([10], 15 + 10 + 15 + 11));
