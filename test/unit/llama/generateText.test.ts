/** One request on a sequence that records what it was asked to compute. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Generated } from '../../../server/llama/engineMessages.ts';
import { generateText } from '../../../server/llama/generateText.ts';
import { createTextStream } from '../../../server/llama/textStream.ts';

interface Case {
  readonly prompt: number;
  /** Tokens of the prompt that the slot holds already. */
  readonly cached?: number;
  /** What the model says; 0 is its end token. */
  readonly says?: readonly number[];
  readonly maxNewTokens?: number;
  /** Cancelled from the n-th look on. */
  readonly cancelAtLook?: number;
  readonly stop?: string;
  readonly sliceTokens?: number;
  readonly msPerToken?: number;
}

async function run(given: Case): Promise<{ log: string[]; result: Generated }> {
  const log: string[] = [];
  const says = given.says ?? [65, 66, 67, 68, 69];
  let nLooks = 0;
  let nowMs = 0;
  const text = (tokens: readonly number[]) => String.fromCharCode(...tokens);
  const sequence = {
    keepPrefix: async (tokens: readonly number[]) => Math.min(given.cached ?? 0, tokens.length),
    async prefill(tokens: readonly number[]) {
      log.push(`prefill ${tokens[0]}..${tokens.at(-1)}`);
      nowMs += tokens.length * (given.msPerToken ?? 0);
    },
    async *decode(tokens: readonly number[]) {
      log.push(`decode ${tokens[0]}..${tokens.at(-1)}`);
      for (const token of says) {
        log.push(`token ${token}`);
        yield token;
      }
    },
  };
  const result = await generateText(sequence, {
    tokens: Array.from({ length: given.prompt }, (_, i) => i),
    maxNewTokens: given.maxNewTokens ?? 3,
    endTokens: new Set([0]),
    sliceTokens: given.sliceTokens ?? 4,
    stream: createTextStream(text, given.stop === undefined ? [] : [given.stop], undefined),
    isCancelled: () => ++nLooks >= (given.cancelAtLook ?? Infinity),
    onToken: () => undefined,
    monotonicMs: () => nowMs,
  });
  return { log, result };
}

async function check(given: Case, log: readonly string[], expected: Partial<Generated>): Promise<void> {
  const found = await run(given);
  assert.deepEqual(found.log, log);
  assert.deepEqual({ ...found.result, ...expected }, found.result);
}

const abc = ['token 65', 'token 66', 'token 67'];

test('a short prompt is decoded at once', () =>
  check({ prompt: 3 }, ['decode 0..2', ...abc], {
    text: 'ABC',
    stopReason: 'maxNewTokens',
    nNewTokens: 3,
    nComputedTokens: 3,
  }));
test('a long one comes in slices, the last token always with the decoding', () =>
  check({ prompt: 9 }, ['prefill 0..3', 'prefill 4..7', 'decode 8..8', ...abc], { nComputedTokens: 9 }));
test('what the slot holds is not computed', () =>
  check({ prompt: 9, cached: 6 }, ['decode 6..8', ...abc], { nReusedTokens: 6, nComputedTokens: 3 }));
test('a prompt that the slot holds wholly: its last token only', () =>
  check({ prompt: 9, cached: 9 }, ['decode 8..8', ...abc], { nReusedTokens: 8, nComputedTokens: 1 }));
test('the end token ends it and does not count', () =>
  check({ prompt: 1, says: [65, 0, 66] }, ['decode 0..0', 'token 65', 'token 0'], {
    text: 'A',
    stopReason: 'endToken',
    nNewTokens: 1,
  }));
test('a stop text ends it', () =>
  check({ prompt: 1, stop: 'B' }, ['decode 0..0', 'token 65', 'token 66'], {
    text: 'A',
    stopReason: 'stopText',
  }));
test('a stop text on the last token is still a stop text', () =>
  check({ prompt: 1, stop: 'C' }, ['decode 0..0', ...abc], { text: 'AB', stopReason: 'stopText' }));
test('no new tokens: nothing is decoded', () =>
  check({ prompt: 9, maxNewTokens: 0 }, ['prefill 0..3', 'prefill 4..7'], {
    nNewTokens: 0,
    nComputedTokens: 8,
  }));
test('what is read ahead comes in slices of a tenth of a second', () =>
  check(
    { prompt: 129, maxNewTokens: 0, sliceTokens: 64, msPerToken: 3 },
    [...['prefill 0..31', 'prefill 32..63', 'prefill 64..95', 'prefill 96..127']],
    {},
  ));
test('on a slow machine in smaller ones, on a quick one in whole ones', async () => {
  const given = { prompt: 97, maxNewTokens: 0, sliceTokens: 64 };
  await check(
    { ...given, prompt: 65, msPerToken: 50 },
    ['prefill 0..31', 'prefill 32..47', 'prefill 48..63'],
    {},
  );
  await check({ ...given, msPerToken: 1 }, ['prefill 0..31', 'prefill 32..95'], {});
});
test('cancelled before it begins', () =>
  check({ prompt: 9, cancelAtLook: 1 }, [], { stopReason: 'aborted', nComputedTokens: 0, text: '' }));
test('cancelled between slices', () =>
  check({ prompt: 9, cancelAtLook: 2 }, ['prefill 0..3'], { stopReason: 'aborted', nComputedTokens: 4 }));
test('cancelled between tokens keeps the text so far', () =>
  check({ prompt: 1, cancelAtLook: 3 }, ['decode 0..0', 'token 65', 'token 66'], {
    stopReason: 'aborted',
    text: 'AB',
    nNewTokens: 2,
  }));
