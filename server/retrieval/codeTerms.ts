/** The words of code as the index stores them: identifiers whole and split at camelCase, snake_case and digits. */

/** Words longer than this are encoded data, not names. */
const maxTermChars = 64;
const minPartChars = 2;
/** Every run of letters, digits, `_` and `$` that starts with no digit; letters of other scripts count as letters. */
const wordPattern = /(?<![\w$])[A-Za-z_$\u00aa-\u{10ffff}][\w$\u00aa-\u{10ffff}]*/gu;
const asciiPart = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
const anyPart = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}\p{Lm}]+/gu;

/** Identifiers and words in order of appearance, with repetitions, in their own case. */
export function wordsOf(text: string): string[] {
  return text.match(wordPattern) ?? [];
}

/** Adds the terms of one word to `terms`: the whole in lower case, then its parts where there are several. */
export function addTerms(word: string, terms: Set<string>): void {
  if (word.length > maxTermChars) return;
  terms.add(word.toLowerCase());
  const parts = partsOf(word);
  for (const part of parts) terms.add(part);
}

/** Lower-case parts of a compound word, none for a simple one. `parseHTTPUrl2` gives parse, http, url. */
export function partsOf(word: string): string[] {
  if (!isCompound(word)) return [];
  const parts = word.match(isAscii(word) ? asciiPart : anyPart) ?? [];
  return parts.filter((part) => part.length >= minPartChars).map((part) => part.toLowerCase());
}

/** Distinct terms of a text. */
export function termsOf(text: string): Set<string> {
  const words = new Set(wordsOf(text));
  const terms = new Set<string>();
  for (const word of words) addTerms(word, terms);
  return terms;
}

function isAscii(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) > 127) return false;
  return true;
}

function isCompound(word: string): boolean {
  for (let i = 1; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code === 95 || code === 36 || (code >= 48 && code <= 57)) return true;
    if (code >= 65 && code <= 90 && (i + 1 < word.length || word.charCodeAt(i - 1) > 90)) return true;
  }
  return word.charCodeAt(0) === 95 || word.charCodeAt(0) === 36;
}
