/** Which format is chosen, by the special tokens that are really there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseFimFormat, fimFormats, namedTokens } from '../../../server/prompt/fimFormats.ts';

function check(name: string, tokens: string, expected: string): void {
  test(`${name}: ${expected}`, () => {
    const specialTokens = Object.fromEntries(
      tokens
        .split(' ')
        .filter((each) => each !== '')
        .map((each, i) => [each, i]),
    );
    const info = { architecture: 'llama', name, specialTokens, endTokens: [7] };
    assert.equal(chooseFimFormat(info).format.id, expected);
  });
}

check(
  'Qwen2.5-Coder',
  '<|fim_prefix|> <|fim_suffix|> <|fim_middle|> <|repo_name|> <|file_sep|> <|endoftext|>',
  'qwen2.5-coder',
);
check('CodeGemma', '<bos> <|fim_prefix|> <|fim_suffix|> <|fim_middle|> <|file_separator|>', 'codegemma');
check('StarCoder2', '<fim_prefix> <fim_suffix> <fim_middle> <repo_name> <file_sep>', 'starcoder2');
check('Granite', '<fim_prefix> <fim_suffix> <fim_middle>', 'starcoder');
check('SmolLM2', '<repo_name> <file_sep> <|im_end|>', 'smollm2');
check('Codestral', '<s> </s> [PREFIX] [SUFFIX]', 'codestral');
check('CodeLlama', '<s> \u2581<PRE> \u2581<SUF> \u2581<MID> \u2581<EOT>', 'codellama');
check(
  'DeepSeek',
  '<\uff5cfim\u2581begin\uff5c> <\uff5cfim\u2581hole\uff5c> <\uff5cfim\u2581end\uff5c>',
  'deepseek-coder',
);
check('Qwen2.5-Coder, tokens lost in conversion', '<|fim_prefix|> <|fim_suffix|>', 'plain');
check('anything else', '', 'plain');

test("stop tokens are the model's own and the format's, each once", () => {
  const specialTokens = { '<repo_name>': 3, '<file_sep>': 5, '<|endoftext|>': 0, '<|im_end|>': 2 };
  const bound = chooseFimFormat({ architecture: 'llama', name: 'x', specialTokens, endTokens: [2, 0] });
  assert.deepEqual([...bound.stopTokenIds].sort(), [0, 2, 3, 5]);
});

test('every format names its source and only tokens that are looked up', () => {
  for (const format of fimFormats) {
    assert.match(format.sourceUrl, /^https:/);
    const used = format.layout.flatMap((piece) => (piece.kind === 'token' ? piece.name : []));
    for (const name of used) assert.ok(namedTokens().includes(name), `${format.id} ${name}`);
  }
});
