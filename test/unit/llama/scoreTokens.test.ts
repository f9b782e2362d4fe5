/** Scoring in slices gives each likelihood once, whatever happens to the KV cache between them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreTokens } from '../../../server/llama/scoreTokens.ts';
import type { ScoredSequence } from '../../../server/llama/scoreTokens.ts';

const tokens = [5, 6, 7, 8, 9, 10, 11];

interface Wish {
  readonly from: number;
  readonly sliceTokens?: number;
  /** Slices after which the KV cache is emptied by somebody else. */
  readonly lostAfter?: readonly number[];
  readonly cancelAfter?: number;
}

/** A model in which token t follows with probability e^-t, so that its negative log-likelihood is t. */
async function score({ from, sliceTokens = 2, lostAfter = [], cancelAfter = Infinity }: Wish) {
  let cached: number[] = [];
  let nSlices = 0;
  const sequence: ScoredSequence = {
    keepPrefix: async (prefix) => (cached = cached.slice(0, prefix.length)).length,
    async prefill(added) {
      assert(added.length > 0 && added.length <= sliceTokens);
      cached.push(...added);
    },
    async probabilities(added, next) {
      assert.deepEqual([...cached, ...added], tokens.slice(0, cached.length + added.length));
      cached.push(...added);
      return next.map((token) => Math.exp(-token));
    },
  };
  const nll = await scoreTokens({
    tokens,
    from,
    sliceTokens,
    isCancelled: () => nSlices >= cancelAfter,
    async exclusively(slice) {
      await slice(sequence);
      if (lostAfter.includes(++nSlices)) cached = [];
    },
  });
  return nll.map(Math.round);
}

function check(what: string, wish: Wish, expected: readonly number[]): void {
  test(what, async () => assert.deepEqual(await score(wish), expected));
}

check('everything after the first token', { from: 1 }, [6, 7, 8, 9, 10, 11]);
check('only the last tokens', { from: 5 }, [10, 11]);
check('only the very last one', { from: 6 }, [11]);
check('nothing when nothing is left', { from: 7 }, []);
check('in one slice', { from: 3, sliceTokens: 64 }, [8, 9, 10, 11]);
check('a KV cache that is lost is computed again', { from: 3, lostAfter: [1, 3, 4] }, [8, 9, 10, 11]);
check('a cancel ends it after the slice', { from: 1, cancelAfter: 2 }, [6, 7, 8, 9]);
