/** The waits between attempts to reach the daemon. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterLoss,
  freshStart,
  reconnectDelayMs,
  steadyAfterMs,
} from '../../../extension/reconnectPolicy.ts';

/** Waits after links that lived so long, one after another. */
function check(aliveMs: readonly number[], expectedDelaysMs: readonly number[]): void {
  let state = freshStart;
  const delaysMs = aliveMs.map((ms) => {
    state = afterLoss(state, ms);
    return reconnectDelayMs(state);
  });
  assert.deepEqual(delaysMs, expectedDelaysMs);
}

test('a killed daemon is back within a moment', () => check([60_000], [100]));
test('attempts that fail come ever slower', () => check([0, 0, 0, 0], [100, 200, 400, 800]));
test('never slower than half a minute', () =>
  check(
    Array<number>(12).fill(0),
    [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000],
  ));
test('a link that breaks early counts as a failure', () => check([0, steadyAfterMs - 1], [100, 200]));
test('a good link forgives what was before', () => check([0, 0, 0, steadyAfterMs], [100, 200, 400, 100]));
