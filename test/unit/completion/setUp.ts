/** A completer with a scripted engine and a clock by hand, and the waiting that its tests need. */

import assert from 'node:assert/strict';
import { ManualClock } from '../../../server/base/clock.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { Completer } from '../../../server/completion/completer.ts';
import type { CompleterProps } from '../../../server/completion/completer.ts';
import { fixedRouter } from '../../../server/completion/route.ts';
import type { SuggestRequest, SuggestResult } from '../../../server/completion/suggestRequest.ts';
import { noRetrieval } from '../../../server/retrieval/snippet.ts';
import { FakeEngine } from './fakeEngine.ts';
import type { Running } from './fakeEngine.ts';
import { requestAt } from './fixture.ts';

const never = new AbortController().signal;

export function setUp(over: Partial<CompleterProps> = {}) {
  const engine = new FakeEngine();
  const clock = new ManualClock(1000);
  let nIds = 0;
  const completer = new Completer({
    engine,
    retriever: noRetrieval,
    router: fixedRouter(() => undefined),
    clock,
    logger: silentLogger,
    newId: () => `s${++nIds}`,
    ...over,
  });
  const suggest = (fixture: string, request: Partial<SuggestRequest> = {}, signal = never) =>
    completer.suggest(requestAt(fixture, request), signal);
  return { engine, clock, completer, suggest };
}

export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 50 && !condition(); i++) await settle();
  assert.ok(condition());
}

/** Lets everything that waits for nothing but promises go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function running(engine: FakeEngine, index: number): Promise<Running> {
  for (let i = 0; i < 20 && engine.runs[index] === undefined; i++) await settle();
  const run = engine.runs[index];
  assert.ok(run !== undefined, `generation ${index} never started`);
  return run;
}

export const told = (result: SuggestResult): string =>
  result.kind === 'none' ? `none: ${result.reason}` : `${result.text} (${result.fromCache})`;

/** The entry of the suggest widget is highlighted. */
export const widget = (text: string, start: number, end: number) => ({
  selectedCompletion: { text, start, end },
});
