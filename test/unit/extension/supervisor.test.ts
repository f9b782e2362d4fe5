/** The loop around the daemon's link, against links that a test ends, on a clock that a test moves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError } from '../../../extension/linkError.ts';
import { supervise } from '../../../extension/supervisor.ts';
import type { Supervisor } from '../../../extension/supervisor.ts';
import { ManualClock } from '../../../server/base/clock.ts';

/** What the n-th attempt meets: a link that breaks when told to, or an error. */
type Attempt = 'link' | Error;

class Bench {
  readonly clock = new ManualClock();
  readonly states: string[] = [];
  nConnects = 0;
  readonly supervisor: Supervisor;
  #end: (error?: Error) => void = () => undefined;

  constructor(attempts: readonly Attempt[]) {
    this.supervisor = supervise<number>({
      clock: this.clock,
      connect: async () => {
        const attempt = attempts[this.nConnects++] ?? 'link';
        if (attempt !== 'link') throw attempt;
        return this.nConnects;
      },
      serve: (_link, onReady, signal) =>
        new Promise<void>((resolve, reject) => {
          onReady();
          this.#end = (error) => (error === undefined ? resolve() : reject(error));
          signal.addEventListener('abort', () => resolve());
        }),
      onState: (state) => this.states.push('reason' in state ? `${state.kind}: ${state.reason}` : state.kind),
      onError: () => undefined,
    });
  }

  async breakLink(): Promise<void> {
    this.#end();
    await settle();
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }
}

/** Lets promise callbacks run; no time passes. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const lost = 'recovering: The connection to the Idiom daemon was lost.';

test('connects at once', async () => {
  const bench = new Bench([]);
  await settle();
  assert.deepEqual(bench.states, ['connecting', 'connected']);
});

test('a killed daemon is joined again after 100 ms', async () => {
  const bench = new Bench([]);
  await bench.advance(60_000);
  await bench.breakLink();
  assert.deepEqual(bench.states.slice(2), [lost]);
  await bench.advance(99);
  assert.equal(bench.nConnects, 1);
  await bench.advance(1);
  assert.deepEqual(bench.states.slice(2), [lost, 'connected']);
});

test('a daemon that breaks again and again is told of as an error, and still tried', async () => {
  const bench = new Bench([]);
  await settle();
  for (const waitMs of [100, 200, 400]) {
    await bench.breakLink();
    await bench.advance(waitMs);
  }
  assert.equal(bench.states.filter((state) => state === lost).length, 2);
  assert.match(bench.states.at(-2) ?? '', /^failed/);
  assert.equal(bench.states.at(-1), 'connected');
});

test('a reason with a remedy is shown at once', async () => {
  const bench = new Bench([new LinkError('Another user owns it.', 'Remove it.')]);
  await settle();
  assert.deepEqual(bench.states, ['connecting', 'failed: Another user owns it.']);
});

test('an unexpected error is only a reason to try again', async () => {
  const bench = new Bench([new Error('boom')]);
  await settle();
  await bench.advance(100);
  assert.deepEqual(bench.states, ['connecting', 'recovering: boom', 'connected']);
});

test('retryNow does not wait', async () => {
  const bench = new Bench([new Error('boom')]);
  await settle();
  bench.supervisor.retryNow();
  await settle();
  assert.equal(bench.nConnects, 2);
});

test('stop ends the link and tries no more', async () => {
  const bench = new Bench([]);
  await settle();
  await bench.supervisor.stop();
  await bench.advance(60_000);
  assert.deepEqual([bench.nConnects, bench.states], [1, ['connecting', 'connected']]);
});
