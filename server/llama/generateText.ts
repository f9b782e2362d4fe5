/** One request on one KV slot: reuse, prefill in slices, greedy decoding, stopping. Knows no native package. */

import type { Generated } from './engineMessages.ts';
import type { TextStream } from './textStream.ts';

/** The part of a llama.cpp sequence that generation needs. */
export interface Sequence {
  /** Drops all but the common beginning with `tokens` from the KV cache; returns how many tokens are left in it. */
  keepPrefix(tokens: readonly number[]): Promise<number>;
  /** Computes keys and values only. */
  prefill(tokens: readonly number[]): Promise<void>;
  /** Computes `tokens` (at least one) and yields greedy tokens, each computed only when it is asked for. */
  decode(tokens: readonly number[]): AsyncIterable<number>;
}

export interface GenerateOptions {
  readonly tokens: readonly number[];
  readonly maxNewTokens: number;
  /** Tokens that end generation: the model's own and the caller's. */
  readonly endTokens: ReadonlySet<number>;
  /** Prompt tokens computed between two looks at `isCancelled`. */
  readonly sliceTokens: number;
  readonly stream: TextStream;
  readonly isCancelled: () => boolean;
  /** Called after each new token. */
  readonly onToken: () => void;
  readonly monotonicMs: () => number;
}

const readOnlySliceMs = 100;
const firstReadOnlyTokens = 32;
const minReadOnlyTokens = 16;

/** Runs to a stop, `maxNewTokens` or a cancel. The slot stays usable after each of them. */
export async function generateText(sequence: Sequence, options: GenerateOptions): Promise<Generated> {
  const { tokens, sliceTokens, stream, isCancelled, monotonicMs } = options;
  const startMs = monotonicMs();
  // The last token is always computed: its logits choose the first new token.
  const nReusedTokens = await sequence.keepPrefix(tokens.slice(0, -1));
  let at = nReusedTokens;
  // What is left is computed together with the first new token, if one is wanted.
  const isReadOnly = options.maxNewTokens === 0;
  const nLeft = isReadOnly ? 1 : sliceTokens;
  let size = isReadOnly ? Math.min(sliceTokens, firstReadOnlyTokens) : sliceTokens;
  while (tokens.length - at > nLeft && !isCancelled()) {
    const slice = tokens.slice(at, Math.min(at + size, tokens.length - 1));
    const sliceStartMs = monotonicMs();
    await sequence.prefill(slice);
    at += slice.length;
    if (isReadOnly) size = sizeInTime(slice.length, monotonicMs() - sliceStartMs, sliceTokens);
  }
  let firstTokenMs: number | undefined;
  let nNewTokens = 0;
  let stopReason: Generated['stopReason'] = isCancelled() ? 'aborted' : 'maxNewTokens';
  if (stopReason !== 'aborted' && options.maxNewTokens > 0) {
    for await (const token of sequence.decode(tokens.slice(at))) {
      firstTokenMs ??= monotonicMs();
      at = tokens.length;
      const end = endOf(token, options);
      if (end === 'endToken') {
        stopReason = end;
        break;
      }
      nNewTokens++;
      options.onToken();
      stopReason = isCancelled() ? 'aborted' : (end ?? 'maxNewTokens');
      if (stopReason !== 'maxNewTokens' || nNewTokens >= options.maxNewTokens) break;
    }
  }
  const endMs = monotonicMs();
  return {
    text: stream.text,
    stopReason,
    nPromptTokens: tokens.length,
    nReusedTokens,
    nComputedTokens: at - nReusedTokens,
    nNewTokens,
    prefillMs: (firstTokenMs ?? endMs) - startMs,
    decodeMs: endMs - (firstTokenMs ?? endMs),
  };
}

/**
 * What is read ahead gives way to a request within a slice, so on a slow machine its slices are smaller. Those of requests are
 * not: sums in another order round differently, and the same request is to give the same text on each machine.
 */
function sizeInTime(nTokens: number, ms: number, maxTokens: number): number {
  const inTime = (nTokens * readOnlySliceMs) / Math.max(1, ms);
  return Math.min(
    maxTokens,
    Math.max(minReadOnlyTokens, minReadOnlyTokens * Math.floor(inTime / minReadOnlyTokens)),
  );
}

function endOf(token: number, options: GenerateOptions): 'endToken' | 'stopText' | undefined {
  if (options.endTokens.has(token)) return 'endToken';
  return options.stream.add(token) === 'stopText' ? 'stopText' : undefined;
}
