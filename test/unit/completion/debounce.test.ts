/** Waiting times by place, pace and trigger, as a table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debounceMs } from '../../../server/completion/debounce.ts';
import type { DebounceFacts } from '../../../server/completion/debounce.ts';
import { TypingPace } from '../../../server/completion/typingPace.ts';
import { contextAt } from './fixture.ts';

function check(document: string, facts: Partial<DebounceFacts>, expectedMs: number): void {
  test(`${JSON.stringify(document)} ${JSON.stringify(facts)}: ${expectedMs} ms`, () => {
    const { linePrefix, lineSuffix } = contextAt(document);
    const defaults = {
      typingIntervalMs: undefined,
      modelMs: undefined,
      trigger: 'automatic',
      fixedMs: -1,
    } as const;
    assert.equal(debounceMs({ ...defaults, linePrefix, lineSuffix, ...facts }), expectedMs);
  });
}

check('foo<|>', {}, 200);
check('foo<|> bar', {}, 240);
check('foo <|>', {}, 120);
check('foo <|> bar', {}, 160);
check('foo {<|>', {}, 80);
check('a\n  <|>', {}, 80);
check('foo<|>', { trigger: 'manual' }, 0);
check('foo<|>', { trigger: 'manual', fixedMs: 300 }, 0);
check('foo<|>', { fixedMs: 0 }, 0);
check('foo<|>', { fixedMs: 300 }, 300);
check('foo<|>', { typingIntervalMs: 100 }, 125);
check('foo<|>', { typingIntervalMs: 10 }, 75);
check('foo<|> b', { typingIntervalMs: 5000 }, 400);
check('foo<|>', { modelMs: 200 }, 100);
check('foo<|>', { modelMs: 2000 }, 40);

test('pace: the median of intervals, pauses left out, nothing before five of them', () => {
  const pace = new TypingPace();
  let atMs = 0;
  const type = (intervalMs: number): void => pace.noteRequest((atMs += intervalMs));
  for (const each of [0, 100, 5000, 120, 110, 90]) type(each);
  assert.equal(pace.typingIntervalMs, undefined);
  type(300);
  assert.equal(pace.typingIntervalMs, 110);
});

test('pace: the newest twenty model times count', () => {
  const pace = new TypingPace();
  assert.equal(pace.modelMs, undefined);
  for (let i = 0; i < 50; i++) pace.noteModelTime(i < 30 ? 900 : 100);
  assert.equal(pace.modelMs, 100);
});
