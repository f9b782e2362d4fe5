/** When the spinner turns: after half a second of real waiting, and not for each key. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Waiting } from '../../../extension/waiting.ts';

/** `+`: a request goes out; `-`: the oldest open one is over; a number: milliseconds pass. */
function check(name: string, steps: readonly ('+' | '-' | number)[], expected: readonly string[]): void {
  test(name, () => {
    let nowMs = 0;
    const timers = new Map<object, { readonly atMs: number; readonly run: () => void }>();
    const told: string[] = [];
    const waiting = new Waiting(
      {
        monotonicMs: () => nowMs,
        setTimer(delayMs, run) {
          const key = {};
          timers.set(key, { atMs: nowMs + delayMs, run });
          return { dispose: () => timers.delete(key) };
        },
      },
      (isWaiting) => told.push(`${nowMs}:${isWaiting ? 'on' : 'off'}`),
    );
    const open: (() => void)[] = [];
    for (const step of steps) {
      if (step === '+') open.push(waiting.begin());
      else if (step === '-') open.shift()?.();
      else {
        nowMs += step;
        for (const [key, { atMs, run }] of timers) {
          if (atMs > nowMs) continue;
          timers.delete(key);
          run();
        }
      }
    }
    assert.deepEqual(told, expected);
  });
}

check('a quick answer', ['+', 100, '-', 1000], []);
check('a slow answer', ['+', 500, '-'], ['500:on', '500:off']);
check('keys that each replace the request', ['+', 200, '+', '-', 200, '+', '-', 200, '-'], []);
check('a pause after keys', ['+', 200, '+', '-', 500, '-'], ['700:on', '700:off']);
check('it stays on while a newer request takes over', ['+', 500, '+', '-', 100, '-'], ['500:on', '600:off']);
