/** How likely a model finds given tokens, computed in slices between which other requests may run. Knows no native package. */

/** The part of a llama.cpp sequence that scoring needs. */
export interface ScoredSequence {
  /** Drops all but the common beginning with `tokens` from the KV cache; returns how many tokens are left in it. */
  keepPrefix(tokens: readonly number[]): Promise<number>;
  /** Computes keys and values only. */
  prefill(tokens: readonly number[]): Promise<void>;
  /** Computes `tokens`; yields for each the probability that `nextTokens[i]` follows it. */
  probabilities(tokens: readonly number[], nextTokens: readonly number[]): Promise<number[]>;
}

export interface ScoreOptions {
  readonly tokens: readonly number[];
  /** First token whose likelihood is wanted, at least 1. */
  readonly from: number;
  /** Tokens computed before other requests may run. */
  readonly sliceTokens: number;
  readonly isCancelled: () => boolean;
  /** Gives the sequence to a slice while nothing else runs; it may have lost any part of its KV cache meanwhile. */
  readonly exclusively: (slice: (sequence: ScoredSequence) => Promise<void>) => Promise<void>;
}

/** Negative log-likelihood in nats of each token from `from` on; fewer when it was cancelled. */
export async function scoreTokens(options: ScoreOptions): Promise<number[]> {
  const { tokens, from, sliceTokens, isCancelled, exclusively } = options;
  const nll: number[] = [];
  for (let at = from - 1; at < tokens.length - 1 && !isCancelled(); at = from - 1 + nll.length) {
    await exclusively(async (sequence) => {
      const there = await sequence.keepPrefix(tokens.slice(0, at));
      if (there < at) {
        await sequence.prefill(tokens.slice(there, Math.min(there + sliceTokens, at)));
        return;
      }
      const end = Math.min(at + sliceTokens, tokens.length - 1);
      const next = tokens.slice(at + 1, end + 1);
      for (const probability of await sequence.probabilities(tokens.slice(at, end), next))
        nll.push(-Math.log(Math.max(probability, Number.MIN_VALUE)));
    });
  }
  return nll;
}
