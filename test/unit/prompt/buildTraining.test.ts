/** What training reads besides prompts: windows of files, and middles with their end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildMiddle, buildWindow } from '../../../server/prompt/buildTraining.ts';
import { fimFormats } from '../../../server/prompt/fimFormats.ts';
import type { FimFormatId } from '../../../server/prompt/fimFormats.ts';
import { FakeTokenizer } from './fakeTokenizer.ts';

async function check(id: FimFormatId, expectedWindow: string, expectedMiddle: string): Promise<void> {
  const format = fimFormats.find((each) => each.id === id);
  assert(format !== undefined);
  const names = [...format.requiredTokens, ...format.beginTokens, format.endOfMiddle];
  const tokenIds = Object.fromEntries([...new Set(names)].map((name, i) => [name, i + 1]));
  const bound = { format, tokenIds, stopTokenIds: [] };
  const tokenizer = new FakeTokenizer();
  const parts = { repoName: 'repo', path: 'src/a.py', languageId: 'python', text: 'a = 1\nb = 2\n' };
  const window = await buildWindow(bound, parts, tokenizer);
  assert.equal(tokenizer.read(window, tokenIds), expectedWindow);
  const { tokens, endToken } = await buildMiddle(bound, ' ', 'c = 3', tokenizer);
  assert.equal(tokenizer.read([...tokens, endToken ?? 0], tokenIds), expectedMiddle);
}

test('smollm2', () => check('smollm2', '[[<file_sep>]]src/a.py\na = 1\nb = 2\n', ' c = 3[[<|endoftext|>]]'));
test('qwen2.5-coder', () =>
  check('qwen2.5-coder', '[[<|file_sep|>]]src/a.py\na = 1\nb = 2\n', ' c = 3[[<|endoftext|>]]'));
test('plain, with the token that the model begins with', () =>
  check('plain', '[[<s>]]# src/a.py\na = 1\nb = 2\n\n', ' c = 3[[<|endoftext|>]]'));

test('a special token in a text stays text, and a model without an end token has none', async () => {
  const format = fimFormats.find((each) => each.id === 'smollm2');
  assert(format !== undefined);
  const bound = { format, tokenIds: { '<file_sep>': 1, '<repo_name>': 2 }, stopTokenIds: [] };
  const tokenizer = new FakeTokenizer();
  const { tokens, endToken } = await buildMiddle(bound, '', '<file_sep>', tokenizer);
  assert(!tokens.includes(1));
  assert.equal(endToken, undefined);
});
