/** How long a prompt may be so that its text comes in time at this machine's pace. Pure. */

import type { EnginePace } from '../llama/enginePace.ts';

export interface SizeFacts {
  /** Measured lately; undefined before anything was. */
  readonly pace: EnginePace | undefined;
  /** Size of the base model's file. */
  readonly modelBytes: number;
  /** From request to text. */
  readonly targetMs: number;
  /** Tokens that a suggestion mostly has. */
  readonly nNewTokens: number;
}

/** Lines before the cursor and little else; less tells a model too little. */
export const minPromptTokens = 128;

/** Before the first measurement: two busy cores with the embedded model of 145 MB; larger ones are as much slower. */
const guessedPrefill = 150;
const guessedDecode = 30;
const guessedFor = 145e6;

/** Prompt tokens that can be read in time, besides those that need not be read again. */
export function affordableTokens({ pace, modelBytes, targetMs, nNewTokens }: SizeFacts): number {
  const slower = Math.max(1, modelBytes / guessedFor);
  const { prefillPerSecond, decodePerSecond } = pace ?? {
    prefillPerSecond: guessedPrefill / slower,
    decodePerSecond: guessedDecode / slower,
  };
  const writeMs = Math.min(targetMs / 2, (1000 * nNewTokens) / decodePerSecond);
  return Math.max(minPromptTokens, Math.floor(((targetMs - writeMs) * prefillPerSecond) / 1000));
}

/**
 * The largest of 128, 192, 256, 384, 512, ... that is at most `nTokens`, or `maxPromptTokens` if that is less: a size that
 * changed with each measurement would change the prompt's head, and nothing that was read could be used again.
 */
export function stepDown(nTokens: number, maxPromptTokens: number): number {
  let step = minPromptTokens;
  for (let i = 0; ; i++) {
    const next = i % 2 === 0 ? (step * 3) / 2 : (step * 4) / 3;
    if (next > nTokens || next > maxPromptTokens) break;
    step = next;
  }
  return nTokens >= maxPromptTokens ? maxPromptTokens : Math.min(step, maxPromptTokens);
}
