/** What is read of a prompt before it is needed, how much of it, and the suggest widget's entry in it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonPrefixLength } from '../../../server/llama/kvSlots.ts';
import type { FakeEngine } from './fakeEngine.ts';
import { defaultTestSettings, requestAt } from './fixture.ts';
import { running, setUp, settle, told, until, widget } from './setUp.ts';

for (const [name, document, selected] of [
  ['a fuzzy entry', 'a.gu<|>', widget('getUser', 2, 4)],
  ['one in another case', 'a.GET<|>', widget('getUser', 2, 5)],
  ['one that begins behind the cursor', 'a.get<|>', widget('getUser', 6, 7)],
] as const) {
  test(`${name} can't be continued, and nothing is computed`, async () => {
    const { engine, suggest } = setUp();
    assert.equal(told(await suggest(document, selected)), 'none: suggestWidgetDisagrees');
    assert.equal(engine.runs.length + engine.reads.length, 0);
  });
}

test('the model goes on after the entry, and typing towards it or taking it asks nothing more', async () => {
  const { engine, suggest } = setUp();
  engine.answer = '().name';
  assert.equal(told(await suggest('a.ge<|>\n', widget('getUser', 2, 4))), 'tUser().name (no)');
  assert.ok(engine.prompts[0]?.endsWith('a.getUser'), engine.prompts[0]);
  assert.equal(told(await suggest('a.getU<|>\n', widget('getUser', 2, 6))), 'ser().name (exact)');
  assert.equal(told(await suggest('a.getUser<|>\n')), '().name (exact)');
  assert.equal(told(await suggest('a.getU<|>\n', widget('getUsage', 2, 6))), 'sage().name (no)');
  assert.equal(engine.runs.length, 2);
});

test('during the wait the prompt is read, and nothing is written', async () => {
  const { engine, clock, suggest } = setUp();
  void suggest('let a = <|>', { settings: { ...defaultTestSettings, debounceMs: 100 } });
  await until(() => engine.reads.length === 1);
  clock.advance(99);
  await settle();
  assert.equal(engine.runs.length, 0);
  clock.advance(1);
  const run = await running(engine, 0);
  assert.deepEqual(run.request.tokens, engine.reads[0]?.tokens);
});

test('a request that was cancelled during the wait writes nothing, but goes on reading', async () => {
  const { engine, clock, suggest } = setUp();
  const controller = new AbortController();
  const settings = { ...defaultTestSettings, debounceMs: 100 };
  const result = suggest('let a = <|>', { settings }, controller.signal);
  await until(() => engine.reads.length === 1);
  controller.abort();
  assert.equal(told(await result), 'none: aborted');
  clock.advance(200);
  await settle();
  assert.deepEqual([engine.runs.length, engine.nReadsAborted], [0, 0]);
  clock.advance(200);
  assert.equal(engine.nReadsAborted, 1);
});

test('typing while the prompt is read: each request reads on where the one before stopped', async () => {
  const { engine, clock, suggest } = setUp();
  const settings = { ...defaultTestSettings, debounceMs: 100 };
  engine.isReading = true;
  for (const [i, document] of ['let a<|>', 'let ab<|>', 'let abc<|>'].entries()) {
    void suggest(document, { settings });
    await until(() => engine.reads.length === i + 1);
    clock.advance(50);
  }
  const [first = [], second = [], third = []] = engine.reads.map(({ tokens }) => tokens);
  const shared = [commonPrefixLength(first, second), commonPrefixLength(second, third)];
  // The last word is longer now.
  assert.deepEqual(shared, [first.length - 1, second.length - 1]);
  assert.deepEqual([engine.nReadsAborted, engine.runs.length], [2, 0]);
});

const body = Array.from({ length: 200 }, (_, i) => `const value${i} = call(${i});\n`).join('');
const long = { ...defaultTestSettings, maxPromptTokens: 2048 };
const nTokens = (engine: FakeEngine): number[] => engine.runs.map(({ request }) => request.tokens.length);

test('a prompt is cut to what is read in time, and the route says so', async () => {
  const { engine, suggest } = setUp({ targetMs: () => 1000 });
  engine.pace = { prefillPerSecond: 400, decodePerSecond: 100 };
  engine.answer = ' foo';
  const result = await suggest(`${body}let a = <|>\n`, { settings: long });
  const [n = 0] = nTokens(engine);
  assert.ok(n > 192 && n <= 256, `${n} tokens`);
  assert.match(
    result.kind === 'suggestion' ? result.route : '',
    /The prompt was cut to 256 tokens, which this machine reads in time\.$/,
  );
});

test('what was read already costs nothing, so the prompt is as long as the settings allow', async () => {
  const { engine, suggest } = setUp({ targetMs: () => 1000 });
  engine.pace = { prefillPerSecond: 4000, decodePerSecond: 100 };
  engine.answer = ' foo';
  await suggest(`${body}let a<|>\n`, { settings: long });
  engine.held = engine.runs.map(({ request }) => request.tokens);
  engine.pace = { prefillPerSecond: 100, decodePerSecond: 100 };
  await suggest(`${body}let ax<|>\n`, { settings: long });
  const [before = 0, after = 0] = nTokens(engine);
  assert.equal(after, before);
});

test('commands and measurements get the whole prompt, at whatever pace', async () => {
  const { engine, suggest } = setUp();
  engine.pace = { prefillPerSecond: 1, decodePerSecond: 1 };
  engine.answer = ' foo';
  const result = await suggest(`${body}let a = <|>\n`, { settings: long });
  assert.ok((nTokens(engine)[0] ?? 0) > 1500);
  assert.equal(result.kind === 'suggestion' && result.route, 'local:base+retrieval; The command chose it.');
});

test('where the cursor rests, first the short prompt is read and then the long one, in the background', async () => {
  const { engine, completer } = setUp({ targetMs: () => 1000 });
  engine.pace = { prefillPerSecond: 400, decodePerSecond: 100 };
  await completer.warm(requestAt(`${body}let a = <|>\n`, { settings: long }));
  const [short = 0, whole = 0] = engine.reads.map(({ tokens }) => tokens.length);
  assert.ok(short <= 256 && whole > 1500, `${short}, ${whole}`);
  assert.ok(engine.reads.every(({ priority }) => priority === 'background'));
});

for (const [name, over] of [
  ['switched off', { settings: { ...defaultTestSettings, isEnabled: false } }],
  ['ignored', { isIgnored: true }],
] as const) {
  test(`nothing is read ahead where suggestions are ${name}`, async () => {
    const { engine, completer } = setUp({ targetMs: () => 1000 });
    await completer.warm(requestAt('let a = <|>\n', over));
    assert.equal(engine.reads.length, 0);
  });
}

test('after an answer the long prompt is read, unless a key comes first', async () => {
  const { engine, clock, suggest } = setUp({ targetMs: () => 1000 });
  engine.answer = ' foo';
  await suggest(`${body}let a = <|>\n`, { settings: long });
  clock.advance(200);
  await suggest(`${body}let a = b + <|>\n`, { settings: long });
  clock.advance(299);
  await settle();
  assert.equal(engine.reads.length, 0);
  clock.advance(1);
  await until(() => engine.reads.length === 2);
});

test('what was to be read while the model loads is read once it is there', async () => {
  const { engine, completer } = setUp();
  engine.state = { kind: 'loading', progress: 0.5 };
  await completer.warm(requestAt('let a = <|>\n'));
  assert.equal(engine.reads.length, 0);
  engine.becomeReady();
  await until(() => engine.reads.length === 1);
});

test('a closer that the editor puts in changes nothing of what was read', async () => {
  const { engine, suggest } = setUp();
  engine.answer = '\n';
  await suggest('let a = call<|>\nnext();\n');
  await suggest('let a = call(<|>)\nnext();\n');
  const [before = '', after = ''] = engine.prompts;
  assert.ok(after.startsWith(before) && after.endsWith('call('), after);
});
