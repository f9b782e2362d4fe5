/** Chooses the KV slot that has most of a prompt already; computes nothing. */

/** What a prompt needs of a KV slot; `tokens` are those whose keys and values it holds. */
export interface KvSlot {
  readonly tokens: readonly number[];
  /** Value of a counter when it was last used; 0 if never. */
  readonly lastUse: number;
}

/** A slot is continued when it shares at least this part of the prompt... */
const minSharedPart = 0.25;
/** ...or when at least this part of what it holds stays: a prompt of which only the beginning was read before a key came. */
const minKeptPart = 0.5;

/**
 * Index of the slot to use: the one that shares most. With a short common beginning (a repository's name) another file's
 * slot stays untouched, and the least recently used one is overwritten.
 */
export function chooseSlot(slots: readonly KvSlot[], prompt: readonly number[]): number {
  let best: number | undefined;
  let bestShared = 0;
  let oldest = 0;
  slots.forEach((slot, i) => {
    const shared = commonPrefixLength(slot.tokens, prompt);
    const isWorthIt =
      shared > 0 && (shared >= prompt.length * minSharedPart || shared >= slot.tokens.length * minKeptPart);
    const isNewer = shared === bestShared && slot.lastUse > (slots[best ?? i]?.lastUse ?? 0);
    if (isWorthIt && (shared > bestShared || isNewer)) {
      best = i;
      bestShared = shared;
    }
    if (slot.lastUse < (slots[oldest]?.lastUse ?? 0)) oldest = i;
  });
  return best ?? oldest;
}

export function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let n = 0;
  while (n < end && a[n] === b[n]) n++;
  return n;
}
