/** Remembers the tokens of texts: from key to key most lines, snippets and blocks of a prompt are the same. */

import type { Tokenizer } from './promptParts.ts';

/** Longer texts change with each key, so that remembering them only takes room. */
const maxTextChars = 4000;

/** @param maxChars of all texts that are remembered; the oldest make room. */
export function createCachingTokenizer(tokenizer: Tokenizer, maxChars = 400_000): Tokenizer {
  /** By text, the one that was used longest ago first. */
  const known = new Map<string, number[]>();
  let nChars = 0;

  function remember(text: string, tokens: number[]): void {
    if (text.length > maxTextChars) return;
    if (!known.delete(text)) nChars += text.length;
    known.set(text, tokens);
    for (const oldest of known.keys()) {
      if (nChars <= maxChars) break;
      known.delete(oldest);
      nChars -= oldest.length;
    }
  }

  return {
    async tokenize(texts) {
      const unknown = [...new Set(texts.filter((text) => !known.has(text)))];
      const found = new Map<string, number[]>();
      // Taken before anything is waited for, since what others ask for meanwhile may push it out.
      for (const text of texts) found.set(text, known.get(text) ?? []);
      const added = unknown.length === 0 ? [] : await tokenizer.tokenize(unknown);
      unknown.forEach((text, i) => found.set(text, added[i] ?? []));
      for (const [text, tokens] of found) remember(text, tokens);
      return texts.map((text) => found.get(text) ?? []);
    },
  };
}
