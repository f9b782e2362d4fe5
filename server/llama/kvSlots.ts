/** Chooses the KV slot that has most of a prompt already; computes nothing. */

/** What a prompt needs of a KV slot; `tokens` are those whose keys and values it holds. */
export interface KvSlot {
  readonly tokens: readonly number[];
  /** Value of a counter when it was last used; 0 if never. */
  readonly lastUse: number;
}

/** A slot is continued when it shares at least this part of the prompt; else the least recently used one is overwritten. */
const minSharedPart = 0.25;

/** Index of the slot to use. With a short common beginning (a repository's name) another file's slot stays untouched. */
export function chooseSlot(slots: readonly KvSlot[], prompt: readonly number[]): number {
  let best = 0;
  let bestShared = -1;
  let oldest = 0;
  slots.forEach((slot, i) => {
    const shared = commonPrefixLength(slot.tokens, prompt);
    if (shared > bestShared || (shared === bestShared && slot.lastUse > (slots[best]?.lastUse ?? 0))) {
      best = i;
      bestShared = shared;
    }
    if (slot.lastUse < (slots[oldest]?.lastUse ?? 0)) oldest = i;
  });
  return bestShared >= prompt.length * minSharedPart ? best : oldest;
}

export function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let n = 0;
  while (n < end && a[n] === b[n]) n++;
  return n;
}
