/** Finds wallets' recovery phrases: twelve to twenty-four words that make no sentence (BIP 39). */

import { lineAround } from './lineAround.ts';
import type { SecretRange } from './scrubSecrets.ts';

/** Words that sentences have and BIP 39's list does not: https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt */
const functionWords =
  /\b(?:the|and|for|are|was|were|has|have|had|not|but|from|your|you|his|her|its|our|their|they|them|then|than|been|being|does|did|done|would|could|might|must|may|shall|into|onto|upon|where|which|who|whom|whose|please|enter|these|those|such|also|here|there|file|files|used|using|line|lines)\b/;
const phrase = /(?<![a-z])[a-z]{3,8}(?:(?: |, |","|", "|', '|\n)[a-z]{3,8}){11,23}(?![a-z])/g;
const counts = new Set([12, 15, 18, 21, 24]);
const namesPhrase = /mnemonic|seed|phrase|wallet|recovery|secret|words|backup/i;

export function hasFunctionWord(words: string): boolean {
  return functionWords.test(words);
}

export function findPhrases(text: string, _path: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const { index, 0: each } of text.matchAll(phrase)) {
    const words = each.split(/[^a-z]+/);
    if (hasFunctionWord(each) || new Set(words).size < words.length * 0.8) continue;
    const end = index + each.length;
    const { before } = lineAround(text, index, end);
    const isQuoted = /["'`]/.test(text[index - 1] ?? '') && /["'`]/.test(text[end] ?? '');
    const isAlone = before.trim() === '' && /^\s*(?:\n|$)/.test(text.slice(end, end + 9));
    if (
      !namesPhrase.test(text.slice(Math.max(0, index - 120), index)) &&
      !(counts.has(words.length) && (isQuoted || isAlone))
    )
      continue;
    found.push({ start: index, end, isUncertain: true });
  }
  return found;
}
