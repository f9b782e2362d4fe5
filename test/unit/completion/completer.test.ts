/** The whole request with a scripted engine and a clock by hand: reasons, timing, cancelling, reuse, prefetch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { createLogger } from '../../../server/base/logger.ts';
import type { LogLevel } from '../../../server/base/logger.ts';
import { fixedRouter } from '../../../server/completion/route.ts';
import type { SuggestRequest } from '../../../server/completion/suggestRequest.ts';
import type { AdapterFile } from '../../../server/llama/engine.ts';
import { defaultTestSettings } from './fixture.ts';
import { running, setUp, settle, told, widget } from './setUp.ts';

function checkOne(
  name: string,
  document: string,
  written: string,
  expected: string,
  over: Partial<SuggestRequest> = {},
): void {
  test(name, async () => {
    const { engine, suggest } = setUp();
    engine.answer = written;
    assert.equal(told(await suggest(document, over)), expected);
  });
}

const off = { ...defaultTestSettings, isEnabled: false };
const notHere = { ...defaultTestSettings, disabledLanguages: ['typescript'] };
checkOne('a suggestion', 'let a = <|>\n', ' foo(b);\nlet', 'foo(b); (no)');
checkOne('disabled', 'let a = <|>', 'b', 'none: disabled', { settings: off });
checkOne('disabled language', 'let a = <|>', 'b', 'none: languageDisabled', { settings: notHere });
checkOne('ignored file', 'let a = <|>', 'b', 'none: ignoredFile', { isIgnored: true });
checkOne('nothing there', ' \n<|>\n', 'b', 'none: emptyContext');
checkOne('within a word', 'let to<|>tal = 1', 'b', 'none: insideWord');
checkOne('within a word, asked for', 'let to<|>tal = 1', 'Sum', 'Sum (no)', { trigger: 'manual' });
const shy = { settings: { ...defaultTestSettings, isManualOnly: true } };
checkOne('only when asked', 'const a = <|>', 'b', 'none: manualOnly', shy);
checkOne('asked', 'const a = <|>', 'b', 'b (no)', { ...shy, trigger: 'manual' });
const codeOnly = { settings: { ...defaultTestSettings, isOffInComments: true } };
checkOne('in a comment', 'const a = 1; // the <|>', 'b', 'none: inComment', codeOnly);
checkOne('in a block comment', '/**\n * the <|>\n */', 'b', 'none: inComment', codeOnly);
checkOne('behind a comment', '/* the */ let a = <|>', 'foo(b);', 'foo(b); (no)', codeOnly);
checkOne('in a string with slashes', 'f("// <|>")', 'the foo', 'the foo (no)', codeOnly);
checkOne('much code follows', 'call(<|>first, second, third, fourth)', 'b', 'none: insideWord');
checkOne('much code follows', 'call(<|> first, second, third, fourth)', 'b', 'none: longSuffixOnLine');
checkOne('the model is silent', 'let a = <|>', '\n', 'none: emptyOutput');
checkOne('a filter objects', 'let a = <|>', ');', 'none: filtered:balanceClosers');
checkOne('CRLF stays CRLF', 'f() {<|>\r\n', '\n  save();\n}\n', '\r\n  save();\r\n} (no)');
checkOne('lone surrogates', 'let \uD800 = <|>', ' foo', 'foo (no)');
checkOne('tabs', 'a {\n\tb\n\tc {\n\t\td\n\t}\n\te {<|>\n', '\n        fit\n    }\n', '\n\t\tfit\n\t} (no)');
checkOne('multi-line not allowed', 'if (a) {<|>', ' foo();\n}', ' foo(); (no)', {
  isMultilineAllowed: false,
});
checkOne('position beyond the end', 'let a = <|>', ' foo', 'foo (no)', { offset: 1e9 });
checkOne('position before the start', 'let a = 1;<|>', 'foo();', 'none: insideWord', { offset: -5 });
checkOne('position that is no number', 'let a = <|>', ' foo', 'foo (no)', { offset: Number.NaN });
checkOne(
  'the entry of the widget comes first',
  'a.get<|>',
  '().name',
  'User().name (no)',
  widget('getUser', 2, 5),
);
checkOne('nothing follows the entry', 'a.get<|>', '\n', 'none: emptyOutput', widget('getUser', 2, 5));
checkOne('many closers follow', `f(<|>${')'.repeat(30)}`, 'total', 'total (no)');
checkOne(
  'the widget replaces more',
  'a.get<|> x',
  'User()',
  'none: suggestWidgetDisagrees',
  widget('getUser', 2, 6),
);

test('the engine is not ready', async () => {
  const { engine, suggest } = setUp();
  engine.state = { kind: 'stopped' };
  assert.equal(told(await suggest('let a = <|>')), 'none: engineNotReady');
});

for (const [what, end, expected] of [
  ['is loaded', ({ engine }) => engine.becomeReady(), 'total (no)'],
  ['loads for too long', ({ clock }) => clock.advance(500), 'none: engineNotReady'],
  ['can not be loaded', ({ engine }) => engine.become({ kind: 'stopped' }), 'none: engineNotReady'],
] as const satisfies [string, (world: ReturnType<typeof setUp>) => void, string][]) {
  test(`a request waits while the model ${what}`, async () => {
    const world = setUp({ maxWaitMs: 500 });
    world.engine.answer = 'total';
    world.engine.become({ kind: 'loading', progress: 0.5 });
    const result = world.suggest('let a = <|>');
    end(world);
    assert.equal(told(await result), expected);
  });
}

test('a newer request takes the place of one that waits for the model', async () => {
  const { engine, suggest } = setUp();
  engine.answer = 'total';
  engine.become({ kind: 'loading', progress: 0.5 });
  const older = suggest('let a = <|>');
  const newer = suggest('let b = <|>');
  assert.equal(told(await older), 'none: superseded');
  engine.becomeReady();
  assert.equal(told(await newer), 'total (no)');
});

test('the engine dies', async () => {
  const { engine, suggest } = setUp();
  const result = suggest('let a = <|>');
  (await running(engine, 0)).fail(new IdiomError('engineFailed', 'The engine died.'));
  assert.equal(told(await result), 'none: engineFailed');
  engine.answer = ' foo';
  assert.equal(told(await suggest('let a = <|>')), 'foo (no)', 'a failure is not remembered');
});

test('a fault of our own is a reason too', async () => {
  const { suggest } = setUp({
    router: fixedRouter(() => {
      throw new Error('broken');
    }),
  });
  assert.equal(told(await suggest('let a = <|>')), 'none: internal');
});

test('retrieval that fails costs the snippets only', async () => {
  const { engine, suggest } = setUp({ retriever: { retrieve: () => Promise.reject(new Error('broken')) } });
  engine.answer = ' foo';
  assert.equal(told(await suggest('let a = <|>')), 'foo (no)');
});

test('snippets go into the prompt and the answer; those of the visible text do not', async () => {
  const far = { path: 'src/b.ts', startLine: 3, endLine: 3, text: 'export const b = 1;' };
  const near = { path: 'src/a.ts', startLine: 1, endLine: 1, text: 'const seen = 1;' };
  const { engine, suggest } = setUp({ retriever: { retrieve: () => Promise.resolve([near, far]) } });
  engine.answer = ' foo';
  const result = await suggest('const seen = 1;\nlet a = <|>');
  assert.deepEqual(result.kind === 'suggestion' && result.snippets.map((each) => each.path), ['src/b.ts']);
  assert.ok(engine.prompts[0]?.includes('export const b = 1;'));
  assert.equal(engine.prompts[0]?.match(/seen/g)?.length, 1);
});

test('snippets stay while a line is typed, and are asked for anew on the next', async () => {
  const queries: string[] = [];
  const retriever = {
    retrieve: ({ prefix }: { prefix: string }) => Promise.resolve(queries.push(prefix) > 0 ? [] : []),
  };
  const { engine, suggest } = setUp({ retriever });
  engine.answer = ' qux';
  for (const document of ['let a<|>', 'let a = b<|>', 'let a = b +<|>', 'let a = b;\nlet<|>'])
    await suggest(document);
  assert.deepEqual(queries, ['let a', 'let a = b;\nlet']);
  await suggest('let x = b;\nlet<|>');
  assert.equal(queries.length, 3, 'the line above is another one');
});

test('evaluation may leave retrieval out', async () => {
  const { engine, suggest } = setUp({ retriever: { retrieve: () => assert.fail() } });
  engine.answer = ' foo';
  assert.equal(told(await suggest('let a = <|>', { useRetrieval: false })), 'foo (no)');
});

test('latency by stage', async () => {
  const { engine, clock, suggest } = setUp();
  const result = suggest('let a = <|>', { settings: { ...defaultTestSettings, debounceMs: 100 } });
  await settle();
  clock.advance(100);
  const run = await running(engine, 0);
  clock.advance(40);
  run.write(' foo');
  run.finish();
  const suggestion = await result;
  assert.ok(suggestion.kind === 'suggestion');
  assert.deepEqual(suggestion.latencyMs, {
    debounce: 100,
    retrieve: 0,
    prompt: 0,
    queue: 1,
    prefill: 2,
    decode: 3,
    filter: 0,
    total: 140,
  });
});

test('a newer request ends a waiting one at once', async () => {
  const { engine, suggest } = setUp();
  const settings = { ...defaultTestSettings, debounceMs: 100 };
  const first = suggest('let a<|>', { settings });
  void suggest('let ab<|>', { settings });
  assert.equal(told(await first), 'none: superseded');
  assert.equal(engine.runs.length, 0);
});

test('another document is left alone', async () => {
  const { engine, suggest } = setUp();
  const first = suggest('let a = <|>');
  const run = await running(engine, 0);
  void suggest('let b = <|>', { uri: 'file:///repo/src/b.ts' });
  await running(engine, 1);
  run.write(' foo');
  run.finish();
  assert.equal(told(await first), 'foo (no)');
});

test('a cancelled request answers at once and stops the engine', async () => {
  const { engine, clock, suggest } = setUp();
  const controller = new AbortController();
  const result = suggest('let a = <|>', {}, controller.signal);
  const run = await running(engine, 0);
  controller.abort();
  assert.equal(told(await result), 'none: aborted');
  assert.ok(!run.signal.aborted, 'kept for a moment, for the next request');
  clock.advance(399);
  assert.ok(!run.signal.aborted);
  clock.advance(1);
  assert.ok(run.signal.aborted);
});

test('a request that was cancelled before it began', async () => {
  const { engine, suggest } = setUp();
  assert.equal(told(await suggest('let a = <|>', {}, AbortSignal.abort())), 'none: aborted');
  assert.equal(engine.nAborted, engine.runs.length);
});

test('a newer request that contradicts the running output stops the engine at once', async () => {
  const { engine, suggest } = setUp();
  const first = suggest('let a = <|>');
  const run = await running(engine, 0);
  run.write('foo');
  const second = suggest('let a = b<|>');
  assert.equal(told(await first), 'none: superseded');
  assert.ok(run.signal.aborted);
  const next = await running(engine, 1);
  next.write('arbaz');
  next.finish();
  assert.equal(told(await second), 'arbaz (no)');
});

test('a generation that the user is typing along is kept, not asked again', async () => {
  const { engine, suggest } = setUp();
  const first = suggest('let a = <|>');
  const run = await running(engine, 0);
  run.write('foo');
  const second = suggest('let a = fo<|>');
  const third = suggest('let a = foo<|>');
  run.write('(bar)');
  run.finish();
  assert.equal(told(await first), 'none: superseded');
  assert.equal(told(await second), 'none: superseded');
  assert.equal(told(await third), '(bar) (typeAlong)');
  assert.equal(engine.runs.length, 1);
});

test('a kept generation that then contradicts what was typed is stopped, and the model asked anew', async () => {
  const { engine, suggest } = setUp();
  void suggest('let a = <|>');
  const run = await running(engine, 0);
  run.write('f');
  const second = suggest('let a = foo<|>');
  await settle();
  assert.equal(run.write('unc'), 'stop');
  run.finish();
  const next = await running(engine, 1);
  next.write('Bar()');
  next.finish();
  assert.equal(told(await second), 'Bar() (no)');
  engine.answer = ' other()';
  assert.equal(told(await suggest('let a = <|>')), 'other() (no)', 'the torn answer was not stored');
});

test('typing along a suggestion, backspacing into it, typing it out, leaving it', async () => {
  const { engine, suggest } = setUp();
  engine.answer = ' foo(bar);';
  const steps = [
    ['let a = <|>', 'foo(bar); (no)'],
    ['let a = f<|>', 'oo(bar); (typeAlong)'],
    ['let a = foo(<|>)', 'bar); (typeAlong)'],
    ['let a = fo<|>', 'o(bar); (typeAlong)'],
    ['let a = <|>', 'foo(bar); (exact)'],
    ['let a = foo(bar);<|>', 'none: lineComplete'],
  ] as const;
  for (const [document, expected] of steps) assert.equal(told(await suggest(document)), expected);
  assert.equal(engine.runs.length, 1);
  await suggest('let a = x<|>');
  assert.equal(engine.runs.length, 2);
});

test('closers that the editor put in are taken into account', async () => {
  const { engine, suggest } = setUp();
  engine.answer = ' foo(bar);';
  await suggest('let a = <|>');
  const result = await suggest('let a = foo(<|>)');
  assert.deepEqual(result.kind === 'suggestion' && [result.text, result.replaceLength], ['bar);', 1]);
});

test('a "none" is remembered for automatic requests only', async () => {
  const { engine, suggest } = setUp();
  engine.answer = '\n';
  assert.equal(told(await suggest('let a = <|>')), 'none: emptyOutput');
  assert.equal(told(await suggest('let a = <|>')), 'none: emptyOutput');
  assert.equal(engine.runs.length, 1);
  engine.answer = ' foo';
  assert.equal(told(await suggest('let a = <|>', { trigger: 'manual' })), 'foo (no)');
});

test('another adapter has its own answers, at once', async () => {
  let adapter: AdapterFile | undefined;
  const { engine, suggest } = setUp({ router: fixedRouter(() => adapter) });
  engine.answer = ' foo';
  await suggest('let a = <|>');
  adapter = { digest: 'd1', path: '/d1.gguf' };
  engine.answer = ' bar';
  const result = await suggest('let a = <|>');
  assert.equal(told(result), 'bar (no)');
  assert.equal(result.kind === 'suggestion' && result.adapter, 'd1');
  adapter = undefined;
  assert.equal(told(await suggest('let a = <|>')), 'foo (exact)');
  assert.deepEqual(engine.adapters, [undefined, { digest: 'd1', path: '/d1.gguf' }]);
});

test('the route is told, and may leave retrieval out', async () => {
  const took: number[] = [];
  const reason = 'It was too slow.';
  const route = { name: 'base', adapter: undefined, useRetrieval: false, reason } as const;
  const router = { choose: () => route, note: (_route: object, tookMs: number) => took.push(tookMs) };
  const retriever = { retrieve: () => Promise.reject(new Error('it was asked')) };
  const { engine, suggest } = setUp({ router, retriever });
  engine.answer = ' foo';
  const result = await suggest('let a = <|>');
  assert.equal(result.kind === 'suggestion' && result.route, 'local:base; It was too slow.');
  await suggest('let a = <|>');
  assert.equal(took.length, 1, 'an answer from the cache took no time');
});

test('after an accept the next line is computed in the background and taken from the cache', async () => {
  const { engine, completer, suggest } = setUp();
  engine.answer = ' foo(bar);\n';
  const first = await suggest('  let a = <|>\n');
  assert.ok(first.kind === 'suggestion');
  engine.answer = 'call(a);\n';
  await completer.prefetchAfterAccept(first.id);
  assert.equal(engine.runs[1]?.request.priority, 'background');
  assert.equal(told(await suggest('  let a = foo(bar);<|>\n')), 'none: lineComplete');
  assert.equal(told(await suggest('  let a = foo(bar);\n  <|>\n')), 'call(a); (prefetch)');
  assert.equal(engine.runs.length, 2);
});

test('after a block header the prefetched line is one level deeper', async () => {
  const { engine, completer, suggest } = setUp();
  engine.answer = ' (bar) {';
  const first = await suggest('a {\n  if<|>\n', { isMultilineAllowed: false });
  assert.ok(first.kind === 'suggestion');
  await completer.prefetchAfterAccept(first.id);
  assert.ok(engine.prompts[1]?.endsWith('if (bar) {\n   '), engine.prompts[1]);
});

test('a prefetch that is interrupted leaves nothing behind', async () => {
  const { engine, completer, suggest } = setUp();
  engine.answer = ' foo(bar);\n';
  const first = await suggest('let a = <|>\n');
  assert.ok(first.kind === 'suggestion');
  engine.answer = undefined;
  const prefetch = completer.prefetchAfterAccept(first.id);
  (await running(engine, 1)).finish('aborted');
  await prefetch;
  engine.answer = '\ncall(a);';
  assert.equal(told(await suggest('let a = foo(bar);\n<|>\n')), 'call(a); (no)');
});

test('an unknown suggestion is not prefetched', async () => {
  const { engine, completer } = setUp();
  await completer.prefetchAfterAccept('s99');
  assert.equal(engine.runs.length, 0);
});

test('a model that takes too long is stopped', async () => {
  const { engine, clock, suggest } = setUp({ maxWaitMs: 500 });
  const result = suggest('let a = <|>');
  const run = await running(engine, 0);
  clock.advance(500);
  assert.equal(told(await result), 'none: tooSlow');
  assert.ok(run.signal.aborted);
});

test('after the end nothing runs and nothing is answered', async () => {
  const { engine, completer, suggest } = setUp();
  const result = suggest('let a = <|>');
  const run = await running(engine, 0);
  completer.dispose();
  assert.equal(told(await result), 'none: superseded');
  assert.ok(run.signal.aborted);
  assert.equal(told(await suggest('let b = <|>')), 'none: engineNotReady');
});

test('a document of 10 MB is read around the cursor only', async () => {
  const { engine, suggest } = setUp();
  engine.answer = ' foo';
  const line = 'const value = call(one, two);\n';
  const text = line.repeat(350_000);
  let nRead = 0;
  const document = {
    length: text.length,
    slice(start: number, end: number) {
      nRead += end - start;
      return text.slice(start, end);
    },
  };
  const offset = line.length * 175_000 + 'const value ='.length;
  assert.equal(told(await suggest('<|>', { document, offset })), ' foo (no)');
  assert.ok(nRead <= 41_000, `${nRead} characters read`);
});

test('the prompt of a request is the head of the next one while a line is typed', async () => {
  const { engine, suggest } = setUp();
  engine.answer = '\n';
  const before = 'const value = call(one);\n'.repeat(500);
  for (const typed of ['l', 'le', 'let', 'let a', 'let a ='])
    await suggest(`${before}${typed}<|>\nnext();\n`);
  const [first = '', ...others] = engine.prompts;
  for (const prompt of others) assert.ok(prompt.startsWith(first.slice(0, -1)), prompt.slice(-30));
});

test('the log shows what was suggested at trace alone, and no secret', async () => {
  const lines: string[] = [];
  let level: LogLevel = 'debug';
  const logger = createLogger(
    { write: (_level, line) => void lines.push(line) },
    () => level,
    () => 0,
  );
  const { engine, suggest } = setUp({ logger });
  engine.answer = '"qX7vT2mK9pLw4RzN8bHc";';
  const logged = async () => {
    lines.length = 0;
    await suggest('const password = <|>\n', { version: 2 });
    for (let i = 0; i < 100 && !lines.some((line) => line.includes('text=')); i++) await settle();
    return lines.join('\n');
  };
  assert.doesNotMatch(await logged(), /text=/);
  level = 'trace';
  const told = await logged();
  assert.match(told, /text=.*<secret>/);
  assert.doesNotMatch(told, /qX7v/);
});
