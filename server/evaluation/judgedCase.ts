/** What a judgement is made from: cases, the adapters compared, and who scores and completes. Types only. */

import type { AdapterFile, ScoreRequest } from '../llama/engine.ts';

/** A held-out cursor with the prompt that it is served with; a dataset's evaluation items are of this shape. */
export interface JudgedCase {
  readonly case: {
    readonly id: string;
    /** '' where there is none. Cases of one commit, or else of one file, are taken to resemble each other. */
    readonly commit: string;
    readonly path: string;
    /** 1-based. */
    readonly line: number;
    readonly prefix: string;
    readonly suffix: string;
    /** What was really written. */
    readonly middle: string;
  };
  /** As served, with snippets; the same for both sides. */
  readonly promptTokens: readonly number[];
  /** What follows the prompt when the line is written as it was. */
  readonly middleTokens: readonly number[];
}

export interface JudgedAdapter {
  /** Digest, "task" or "base". */
  readonly name: string;
  /** Undefined: the base model alone. */
  readonly file: AdapterFile | undefined;
}

/** Negative log-likelihood in nats of each token from `from` on; a ScoringEngine is one. */
export interface Scorer {
  score(request: ScoreRequest, signal: AbortSignal): Promise<readonly number[]>;
}

/** Completes as an editor would be served, with retrieval; `completion/` is one, put together by the caller. */
export interface Suggester {
  suggest(
    at: {
      readonly path: string;
      readonly prefix: string;
      readonly suffix: string;
      /** Default true. */
      readonly useRetrieval?: boolean;
    },
    adapter: AdapterFile | undefined,
    signal: AbortSignal,
  ): Promise<Suggested>;
}
export interface Suggested {
  /** '' when nothing was suggested. */
  readonly text: string;
  /** Of the whole request. */
  readonly latencyMs: number;
}

/** Remembers scores from one judgement to the next; see scoreCache.ts. */
export interface KnownScores {
  get(adapter: string, what: string): number | undefined;
  put(adapter: string, what: string, nll: number): void;
}
