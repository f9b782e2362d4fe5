/** Generation with the real model: deterministic, reusing, stopping, cancelling, in order. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isAbort } from '../../server/base/errors.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import { complete, sampleCode, startEngine, testModelPath } from './startEngine.ts';

const engine = startEngine();
let info: BaseModelInfo;
before(async () => {
  info = await engine.load(testModelPath);
});
after(() => engine.dispose());

const prompt = 'function add(a: number, b: number) {\n  return';

test('the model is described', () => {
  assert.equal(info.architecture, 'llama');
  assert.equal(info.device, 'cpu');
  assert.equal(info.specialTokens['<file_sep>'], 5);
  assert.ok(info.endTokens.includes(0));
  assert.equal(info.contextTokens, 1280);
  assert.match(info.digest, /^[0-9a-f]{64}$/);
});

test('special tokens in text are text', async () => {
  const [tokens] = await engine.tokenize(['<|endoftext|>']);
  assert.ok(tokens !== undefined && tokens.length > 1 && !tokens.includes(0));
  assert.equal(await engine.detokenize(tokens), '<|endoftext|>');
});

for (const text of [
  '',
  'a',
  '\tif (x) {\r\n',
  'naive cafe: na\u00efve caf\u00e9',
  '\u65e5\u672c\u8a9e \u{1f600}',
]) {
  test(`tokens give back ${JSON.stringify(text)}`, async () => {
    const [tokens] = await engine.tokenize([text]);
    assert.equal(await engine.detokenize(tokens ?? []), text);
  });
}

test('the same prompt gives the same text, cold or from the KV cache', async () => {
  const first = await complete(engine, { prompt });
  const again = await complete(engine, { prompt });
  assert.notEqual(first.text, '');
  assert.equal(again.text, first.text);
  assert.equal(again.nReusedTokens, again.nPromptTokens - 1);
});

test('typing on computes the new tokens only', async () => {
  const code = sampleCode(20);
  const cold = await complete(engine, { prompt: code, maxNewTokens: 1 });
  assert.ok(cold.nReusedTokens < 10, `${cold.nReusedTokens}`);
  const typed = await complete(engine, { prompt: `${code}export const next`, maxNewTokens: 1 });
  assert.ok(typed.nPromptTokens - typed.nReusedTokens <= 5, JSON.stringify(typed));
});

test('a second file does not evict the first', async () => {
  const [one, two] = [`// one\n${sampleCode(15)}`, `// two\n${sampleCode(18)}`];
  await complete(engine, { prompt: one, maxNewTokens: 1 });
  await complete(engine, { prompt: two, maxNewTokens: 1 });
  const back = await complete(engine, { prompt: `${one}let x`, maxNewTokens: 1 });
  assert.ok(back.nReusedTokens > back.nPromptTokens * 0.9, JSON.stringify(back));
});

test('maxNewTokens is kept', async () => {
  const result = await complete(engine, { prompt, maxNewTokens: 3 });
  assert.deepEqual([result.nNewTokens, result.stopReason], [3, 'maxNewTokens']);
});

test('a stop text ends it and is cut off', async () => {
  const whole = await complete(engine, { prompt, maxNewTokens: 20 });
  const stop = whole.text.slice(6, 8);
  const cut = await complete(engine, { prompt, maxNewTokens: 20, stopTexts: [stop, 'never there'] });
  assert.equal(cut.stopReason, 'stopText');
  assert.equal(cut.text, whole.text.slice(0, whole.text.indexOf(stop)));
});

test('a stop token ends it', async () => {
  const whole = await complete(engine, { prompt, maxNewTokens: 6 });
  const [promptTokens = []] = await engine.tokenize([prompt]);
  const [tokens = []] = await engine.tokenize([prompt + whole.text]);
  const stopToken = tokens[promptTokens.length + 2] ?? 0;
  const cut = await complete(engine, { prompt, maxNewTokens: 6, stopTokens: [stopToken] });
  assert.deepEqual([cut.stopReason, cut.nNewTokens], ['endToken', 2]);
});

test('the caller sees the text grow and stops it', async () => {
  const seen: string[] = [];
  const result = await complete(engine, {
    prompt,
    maxNewTokens: 200,
    onText(text) {
      seen.push(text);
      return seen.length === 3 ? 'stop' : 'continue';
    },
  });
  assert.equal(result.stopReason, 'caller');
  assert.equal(result.text, seen[2]);
  assert.ok(seen.every((text, i) => text.startsWith(seen[i - 1] ?? '')));
  assert.ok(result.nNewTokens <= 5, `${result.nNewTokens}`);
});

test('a character of several tokens is never seen in halves', async () => {
  const face = '\u{1f9ec}\u{1f9eb}';
  const echo = `${face}\n`.repeat(8);
  const [one = []] = await engine.tokenize([face]);
  assert.match(await engine.detokenize(one.slice(0, 1)), /\uFFFD/, 'the character takes one token only');
  const seen: string[] = [];
  const result = await complete(engine, {
    prompt: echo,
    maxNewTokens: 24,
    onText(text) {
      seen.push(text);
      return 'continue';
    },
  });
  assert.ok(result.text.includes(face), result.text);
  assert.deepEqual(
    seen.filter((text) => text.includes('\uFFFD')),
    [],
  );
});

test('a prompt that is too long is refused, and the engine lives on', async () => {
  await assert.rejects(complete(engine, { prompt: sampleCode(100) }), /does not fit/);
  assert.notEqual((await complete(engine, { prompt })).text, '');
});

test('an aborted generation stops computing', async () => {
  const before = engine.counters;
  const abort = new AbortController();
  const running = complete(engine, {
    prompt,
    maxNewTokens: 900,
    signal: abort.signal,
    onText: () => (abort.abort(), 'continue'),
  });
  await assert.rejects(running, isAbort);
  await complete(engine, { prompt, maxNewTokens: 1 });
  const nNew = engine.counters.nNewTokens - before.nNewTokens;
  assert.ok(nNew <= 4, `${nNew} tokens were generated`);
  assert.equal(engine.counters.nAborted - before.nAborted, 1);
});

test('an aborted prefill stops within a slice', async () => {
  const before = engine.counters;
  const abort = new AbortController();
  const [tokens = []] = await engine.tokenize([`// prefill\n${sampleCode(60)}`]);
  const running = complete(engine, { tokens: tokens.slice(0, 900), signal: abort.signal });
  setImmediate(() => abort.abort());
  await assert.rejects(running, isAbort);
  await complete(engine, { prompt, maxNewTokens: 1 });
  const nComputed = engine.counters.nComputedTokens - before.nComputedTokens;
  assert.ok(nComputed <= 200, `${nComputed} tokens were computed`);
});

test('newest foreground first, and background gives way', async () => {
  const order: string[] = [];
  const ask = async (name: string, priority: 'foreground' | 'background', maxNewTokens: number) => {
    const result = await complete(engine, { tokens: [100 + name.length, 200, 300], priority, maxNewTokens });
    order.push(`${name} ${result.stopReason}`);
  };
  const background = ask('prefetch', 'background', 900);
  await Promise.all([
    background,
    ask('a', 'foreground', 2),
    ask('bb', 'foreground', 2),
    ask('ccc', 'foreground', 2),
    ask('later prefetch', 'background', 2),
  ]);
  assert.deepEqual(order, [
    'prefetch aborted',
    'ccc maxNewTokens',
    'bb maxNewTokens',
    'a maxNewTokens',
    'later prefetch maxNewTokens',
  ]);
});
