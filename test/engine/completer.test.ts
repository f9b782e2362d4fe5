/** The whole completion request with the real model: that it works, reuses, cancels and is readable. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { delay, systemClock } from '../../server/base/clock.ts';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { Completer } from '../../server/completion/completer.ts';
import { fixedRouter } from '../../server/completion/route.ts';
import type { SuggestRequest, SuggestResult } from '../../server/completion/suggestRequest.ts';
import { noRetrieval } from '../../server/retrieval/snippet.ts';
import { requestAt } from '../unit/completion/fixture.ts';
import { startEngine, testModelPath } from './startEngine.ts';

const engine = startEngine();
let nIds = 0;
const completer = new Completer({
  engine,
  retriever: noRetrieval,
  router: fixedRouter(() => undefined),
  clock: systemClock,
  logger: silentLogger,
  newId: () => `s${++nIds}`,
  // A busy machine is no failure.
  maxWaitMs: 600_000,
});

before(() => engine.load(testModelPath));
after(() => {
  completer.dispose();
  engine.dispose();
});

const suggest = (fixture: string, over: Partial<SuggestRequest> = {}, signal = neverAborts) =>
  completer.suggest(requestAt(fixture, over), signal);

function textOf(result: SuggestResult): string {
  assert.equal(result.kind, 'suggestion', JSON.stringify(result));
  return result.kind === 'suggestion' ? result.text : '';
}

const python = { languageId: 'python', path: 'shapes.py', uri: 'file:///repo/shapes.py' };

/** What the embedded model is sure to know: one that stops knowing it is prompted or cut wrongly. */
function checkText(document: string, over: Partial<SuggestRequest>, expected: RegExp): void {
  test(`completes ${JSON.stringify(document.slice(0, 60))}`, async () => {
    assert.match(textOf(await suggest(document, over)), expected);
  });
}

checkText('def add(a, b):\n    return <|>\n', python, /^a \+ b$/);
checkText('def add(a, b):\n    <|>\n', python, /^return a \+ b$/);
checkText('import os\nimport <|>\n', python, /^\w+$/);
checkText('function add(a: number, b: number): number {\n  return <|>\n}\n', {}, /^a \+ b;?$/);
checkText('const items = ["one", "two", <|>];\n', {}, /^"three"/);
checkText('export function add(a: number, b: number): number {<|>}\n', {}, /^\n {2,4}return a \+ b;\n?$/);

test('typing along the suggestion costs no model time', async () => {
  const over = { ...python, uri: 'file:///repo/along.py' };
  const text = textOf(await suggest('def multiply(a, b):\n    <|>\n', over));
  for (let n = 1; n < text.length - 1; n++) {
    const result = await suggest(`def multiply(a, b):\n    ${text.slice(0, n)}<|>\n`, over);
    if (result.kind === 'none') continue;
    assert.equal(result.text, text.slice(n));
    assert.equal(result.fromCache, 'typeAlong');
  }
});

test('typing on reuses what the model has read', async () => {
  const body = Array.from({ length: 25 }, (_, i) => `value_${i} = compute(${i})\n`).join('');
  const over = { ...python, uri: 'file:///repo/long.py' };
  await suggest(`${body}result = <|>\n`, over);
  const before = { ...engine.counters };
  await suggest(`${body}result = zzz(<|>\n`, over);
  const nReused = engine.counters.nReusedTokens - before.nReusedTokens;
  const nComputed = engine.counters.nComputedTokens - before.nComputedTokens;
  assert.ok(nReused > 10 * nComputed, `${nReused} reused, ${nComputed} computed`);
});

test('a cancelled request answers at once and the next one is served', async () => {
  const controller = new AbortController();
  const body = Array.from({ length: 25 }, (_, i) => `other_${i} = compute(${i})\n`).join('');
  const result = suggest(
    `${body}result = <|>\n`,
    { ...python, uri: 'file:///repo/cut.py' },
    controller.signal,
  );
  await delay(systemClock, 50, neverAborts);
  controller.abort();
  assert.deepEqual(await result, { kind: 'none', reason: 'aborted' });
  assert.equal((await suggest('def sub(a, b):\n    return <|>\n', python)).kind, 'suggestion');
});

test('a special token in the code changes nothing but the text', async () => {
  const result = await suggest('sep = "<file_sep>"\nparts = text.split(<|>)\n', {
    ...python,
    uri: 'file:///repo/sep.py',
  });
  assert.ok(result.kind === 'suggestion' || result.reason.startsWith('filtered'), JSON.stringify(result));
});
