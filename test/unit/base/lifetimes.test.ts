/** Lifetimes, timers and queues. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, ManualClock } from '../../../server/base/clock.ts';
import { DisposableStore, toDisposable } from '../../../server/base/disposable.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import { OpQueue } from '../../../server/base/opQueue.ts';

test('a store ends what it owns once, newest first, and what comes late at once', () => {
  const ended: string[] = [];
  const store = new DisposableStore();
  for (const name of ['a', 'b']) store.add(toDisposable(() => ended.push(name)));
  store.dispose();
  store.dispose();
  store.add(toDisposable(() => ended.push('late')));
  assert.deepEqual(ended, ['b', 'a', 'late']);
});

test('one failing end does not keep the others from theirs', () => {
  const ended: string[] = [];
  const store = new DisposableStore();
  store.add(toDisposable(() => ended.push('a')));
  store.add(
    toDisposable(() => {
      throw new Error('no');
    }),
  );
  assert.throws(() => store.dispose(), AggregateError);
  assert.deepEqual(ended, ['a']);
});

test('every listener hears, also after one that throws, and none after it is disposed', () => {
  const heard: string[] = [];
  const emitter = new Emitter<string>();
  const first = emitter.on(() => {
    throw new Error('no');
  });
  emitter.on((value) => heard.push(value));
  assert.throws(() => emitter.fire('x'), AggregateError);
  first.dispose();
  emitter.fire('y');
  assert.deepEqual(heard, ['x', 'y']);
});

test('timers fire in order of their time, also those that timers set', () => {
  const fired: string[] = [];
  const clock = new ManualClock(100);
  clock.setTimer(20, () => fired.push(`late ${clock.nowMs()}`));
  clock.setTimer(10, () => {
    fired.push(`early ${clock.nowMs()}`);
    clock.setTimer(5, () => fired.push(`set ${clock.nowMs()}`));
  });
  clock.setTimer(1, () => fired.push('never')).dispose();
  clock.advance(50);
  assert.deepEqual(fired, ['early 110', 'set 115', 'late 120']);
});

test('a delay ends early with the reason of an abort, and leaves no timer', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const waiting = delay(clock, 1000, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  const done = delay(clock, 10, new AbortController().signal);
  clock.advance(10);
  await done;
});

test('of operations that come while one runs, only the newest runs after it', async () => {
  const ran: string[] = [];
  const failed: string[] = [];
  const queue = new OpQueue((_error, cause) => failed.push(cause));
  const gate = Promise.withResolvers<void>();
  const op = (cause: string, wait: Promise<void> = Promise.resolve()) => ({
    cause,
    async run() {
      ran.push(cause);
      await wait;
      if (cause === 'bad') throw new Error(cause);
    },
  });
  queue.request(op('first', gate.promise));
  queue.request(op('second'));
  queue.request(op('bad'));
  assert.equal(queue.runningCause, 'first');
  gate.resolve();
  await queue.idle();
  queue.request(op('after'));
  await queue.idle();
  assert.deepEqual([ran, failed], [['first', 'bad', 'after'], ['bad']]);
});
