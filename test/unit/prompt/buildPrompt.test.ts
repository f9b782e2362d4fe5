/** Prompts by format as golden files, and the laws every prompt obeys. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPrompt } from '../../../server/prompt/buildPrompt.ts';
import { chooseFimFormat, fimFormats } from '../../../server/prompt/fimFormats.ts';
import type { FimFormat } from '../../../server/prompt/fimFormats.ts';
import type { PromptParts } from '../../../server/prompt/promptParts.ts';
import { defaultShares } from '../../../server/prompt/tokenBudget.ts';
import { checkGolden } from '../../support/golden.ts';
import { FakeTokenizer } from './fakeTokenizer.ts';

const parts: PromptParts = {
  repoName: 'shop',
  path: 'src/cart.ts',
  languageId: 'typescript',
  prefix: 'export function total(cart: Cart): number {\n  return ',
  prefixOffset: 0,
  suffix: ';\n}\n',
  snippets: [
    { path: 'src/types.ts', startLine: 1, endLine: 3, text: 'interface Cart {\n  lines: Line[];\n}' },
    { path: 'src/line.ts', startLine: 7, endLine: 8, text: 'interface Line {\n  price: number; }\n' },
  ],
};

function tokensOf(format: FimFormat): Record<string, number> {
  const names = new Set([
    ...format.requiredTokens,
    ...format.beginTokens,
    format.endOfMiddle,
    ...format.stopTokens,
  ]);
  return Object.fromEntries([...names].map((name, i) => [name, i + 1]));
}

async function build(format: FimFormat, over: Partial<PromptParts> = {}, maxPromptTokens = 1024) {
  const specialTokens = tokensOf(format);
  const bound = chooseFimFormat({ architecture: 'any', name: 'any', specialTokens, endTokens: [99] });
  assert.equal(bound.format.id, format.id);
  const tokenizer = new FakeTokenizer();
  const prompt = await buildPrompt(
    bound,
    { ...parts, ...over },
    { maxPromptTokens, shares: defaultShares },
    tokenizer,
  );
  return { prompt, text: tokenizer.read(prompt.tokens, specialTokens), tokenizer };
}

const byId = (id: string): FimFormat => fimFormats.find((format) => format.id === id) as FimFormat;

for (const format of fimFormats) {
  test(`golden prompt: ${format.id}`, async () => {
    const { prompt, text } = await build(format);
    const stops = prompt.stopTokens.length;
    checkGolden(
      `prompt/${format.id}.txt`,
      `${text}<|>\n---\nheld back: '${prompt.heldBack}', ${stops} stop tokens\n`,
    );
  });
}

test('a special token in user code stays text', async () => {
  for (const format of fimFormats) {
    const injected = format.requiredTokens.join('');
    const plain = await build(format);
    const { prompt, text } = await build(format, { prefix: `${injected}x`, path: `${injected}.ts` });
    const nSpecial = (tokens: readonly number[]): number => tokens.filter((id) => id < 1000).length;
    assert.equal(nSpecial(prompt.tokens), nSpecial(plain.prompt.tokens), format.id);
    assert.ok(text.includes(`${injected}x`), format.id);
  }
});

test('a blank suffix leaves no second copy of the file in the SmolLM2 format', async () => {
  const { text } = await build(byId('smollm2'), { suffix: '\n\n', snippets: [] });
  assert.equal(text.match(/src\/cart\.ts/g)?.length, 1);
});

test('two tokenizer calls, however long the text', async () => {
  const { tokenizer } = await build(byId('qwen2.5-coder'), { prefix: 'let a = 1;\n'.repeat(3000) });
  assert.equal(tokenizer.nCalls, 2);
});

const long = Array.from({ length: 4000 }, (_, i) => `const value${i} = call(${i});\n`).join('');
for (const format of fimFormats) {
  for (const maxPromptTokens of [128, 300, 1024]) {
    test(`the budget holds: ${format.id}, ${maxPromptTokens} tokens`, async () => {
      const { prompt } = await build(
        format,
        {
          prefix: long,
          suffix: long,
          path: 'deep/'.repeat(100) + 'x.ts',
          snippets: Array.from({ length: 9 }, () => ({
            path: 'a.ts',
            startLine: 1,
            endLine: 200,
            text: long.slice(0, 4000),
          })),
        },
        maxPromptTokens,
      );
      assert.ok(prompt.tokens.length <= maxPromptTokens, `${prompt.tokens.length}`);
      assert.ok(prompt.nTokensByPart.prefix > maxPromptTokens / 6, JSON.stringify(prompt.nTokensByPart));
      assert.equal(
        Object.values(prompt.nTokensByPart).reduce((a, b) => a + b),
        prompt.tokens.length,
      );
    });
  }
}

test('typing 200 characters moves the head of the prompt at most once', async () => {
  const typed = 'const answer = compute(first, second);\n'.repeat(6).slice(0, 200);
  for (const nLinesBefore of [0, 5, 60, 90, 400, 411, 2000]) {
    const before = long.slice(0, long.indexOf(`value${nLinesBefore} `));
    for (const id of ['smollm2', 'qwen2.5-coder', 'plain']) {
      const heads = new Set<string>();
      for (let n = 0; n <= 200; n += 10) {
        const { text } = await build(byId(id), { prefix: before + typed.slice(0, n), suffix: long });
        heads.add(text.slice(0, 300));
      }
      // A file of five lines grows from nothing, so its head is all there is.
      if (nLinesBefore > 5) assert.ok(heads.size <= 2, `${id} ${nLinesBefore}: ${heads.size} heads`);
    }
  }
});

test('the prefix begins at a line start, also inside a window of a large document', async () => {
  const { text } = await build(byId('plain'), {
    prefix: long.slice(-30_000),
    prefixOffset: 9_000_123,
    snippets: [],
  });
  assert.match(text, /^\[\[<s>\]\]\/\/ src\/cart\.ts\nconst value\d+ = /);
});

test('the prompt begins at the same place of a document, wherever the window around the cursor starts', async () => {
  const prefixes = [30_000, 30_100, 31_234].map((n) => ({
    prefix: long.slice(-n),
    prefixOffset: long.length - n,
  }));
  const texts = await Promise.all(prefixes.map(async (each) => (await build(byId('plain'), each)).text));
  assert.equal(new Set(texts).size, 1);
});

test('one endless line is cut, never inside a surrogate pair', async () => {
  for (const start of ['', 'x']) {
    const { text } = await build(byId('plain'), { prefix: start + '\u{1F600}'.repeat(20_000) });
    assert.ok(text.length > 100 && text.isWellFormed(), start);
  }
});

test('the budget holds even when a text has more tokens than its lines', async () => {
  const tokenizer = {
    tokenize: (texts: readonly string[]) =>
      Promise.resolve(texts.map((text) => Array.from({ length: text.split('\n').length ** 2 }, () => 1000))),
  };
  const format = byId('smollm2');
  const bound = chooseFimFormat({
    architecture: '',
    name: '',
    specialTokens: tokensOf(format),
    endTokens: [],
  });
  const budget = { maxPromptTokens: 200, shares: defaultShares };
  const prompt = await buildPrompt(bound, { ...parts, prefix: long, suffix: long }, budget, tokenizer);
  assert.ok(prompt.tokens.length <= 200, `${prompt.tokens.length}`);
});

test('lone surrogates are replaced', async () => {
  const { text } = await build(byId('plain'), { prefix: 'a\uD800b' });
  assert.ok(text.includes('a\uFFFDb'));
});

test('snippets are the first to go and are cut at line ends', async () => {
  const snippet = { path: 's.ts', startLine: 11, endLine: 410, text: long.slice(0, 12_000) };
  const { prompt } = await build(byId('smollm2'), { prefix: long, snippets: [snippet, snippet] });
  assert.equal(prompt.snippets.length, 1);
  const [kept] = prompt.snippets;
  assert.ok(kept !== undefined && kept.text.endsWith(';\n'));
  assert.equal(kept.endLine - kept.startLine + 1, kept.text.split('\n').length - 1);
});
