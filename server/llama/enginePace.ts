/** How fast prompts are read and text is written lately, under the load there is. Pure. */

/** In tokens a second. */
export interface EnginePace {
  readonly prefillPerSecond: number;
  readonly decodePerSecond: number;
}

/** What one request computed. */
export interface PaceSample {
  readonly nComputedTokens: number;
  readonly prefillMs: number;
  readonly nNewTokens: number;
  readonly decodeMs: number;
}

/** Fewer say more of what each request costs than of the pace. */
const minPrefillTokens = 32;
const minNewTokens = 4;
/** After so many tokens an older measurement counts half: the load changes within seconds. */
const prefillHalfLife = 192;
const decodeHalfLife = 16;

export class PaceMeter {
  #pace: EnginePace | undefined;

  constructor(earlier: EnginePace | undefined) {
    this.#pace = earlier;
  }

  /** Undefined before both were measured. */
  get pace(): EnginePace | undefined {
    return this.#pace;
  }

  /** Times are averaged, not paces: a slow second counts as a second. @returns whether it told something. */
  note({ nComputedTokens, prefillMs, nNewTokens, decodeMs }: PaceSample): boolean {
    const isPrefill = nComputedTokens >= minPrefillTokens && prefillMs > 0;
    // The time to the first new token is a part of `prefillMs`.
    const isDecode = nNewTokens >= minNewTokens && decodeMs > 0;
    const before = this.#pace ?? {
      prefillPerSecond: isPrefill ? (1000 * nComputedTokens) / prefillMs : 0,
      decodePerSecond: isDecode ? (1000 * (nNewTokens - 1)) / decodeMs : 0,
    };
    const { prefillPerSecond: prefill, decodePerSecond: decode } = before;
    const next = {
      prefillPerSecond: isPrefill ? mix(prefill, nComputedTokens, prefillMs, prefillHalfLife) : prefill,
      decodePerSecond: isDecode ? mix(decode, nNewTokens - 1, decodeMs, decodeHalfLife) : decode,
    };
    // A prompt that was read tells roughly how fast text will be written: a tenth of it on a processor.
    if (next.decodePerSecond === 0) next.decodePerSecond = next.prefillPerSecond / 10;
    if (next.prefillPerSecond === 0) return false;
    this.#pace = next;
    return isPrefill || isDecode;
  }
}

function mix(perSecond: number, nTokens: number, ms: number, halfLife: number): number {
  if (perSecond === 0) return (1000 * nTokens) / ms;
  const weight = 0.5 ** (nTokens / halfLife);
  return 1000 / (weight * (1000 / perSecond) + (1 - weight) * (ms / nTokens));
}
