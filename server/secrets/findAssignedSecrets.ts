/** Finds literals that are assigned to names like `password` or `apiToken` and look random: what no vendor's pattern knows. */

import type { SecretRange } from './scrubSecrets.ts';

/**
 * A name that ends in one of these words, then `=`, `:`, `:=`, `=>` or a `,` (as in `set("token", "...")`), and a value
 * in quotes; or, in files of settings, a bare value to the end of the line.
 */
const nameWords =
  'password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|encryption[_-]?key|signing[_-]?key|auth[_-]?key|credentials?|[_-]key|(?<=[a-z])Key|(?<![a-z])key';
const quoted = new RegExp(
  `(?:${nameWords})["'\\]]{0,2}\\s*(?::\\s*[\\w<>\\[\\] .|]{1,30})?(?:=>|:=|==?|:|,|\\()\\s*(["'\`])([^"'\`\\n]{8,400})\\1`,
  'gi',
);
const bare = new RegExp(
  `^\\s*(?:export\\s+)?[\\w.-]*(?:${nameWords})\\s*[=:]\\s*([\\w+/=-]{12,400})\\s*$`,
  'gim',
);
/** In code a bare word is a name; these are the files in which it is a value. */
const valueFile = /(^|\/)[^.]*$|\.(env|ini|cfg|conf|toml|ya?ml|properties|sh|bash|zsh|txt|tfvars)$/i;

/**
 * Bits a character; the limits that detect-secrets uses for Base64 and for hexadecimal strings:
 * https://github.com/Yelp/detect-secrets/blob/master/detect_secrets/plugins/high_entropy_strings.py
 */
const minEntropy = 4.5;
const minHexEntropy = 3;
/** Beside a telling name less is enough: a word and some digits. */
const minNamedEntropy = 3;

export function findAssignedSecrets(text: string, path: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const match of text.matchAll(quoted)) {
    const value = match[2] ?? '';
    const start = match.index + match[0].length - 1 - value.length;
    if (looksSecret(value)) found.push({ start, end: start + value.length });
  }
  for (const match of valueFile.test(path) ? text.matchAll(bare) : []) {
    const value = match[1] ?? '';
    const start = match.index + match[0].lastIndexOf(value);
    if (looksSecret(value)) found.push({ start, end: start + value.length });
  }
  return found;
}

/** Shannon entropy of the characters, in bits (A Mathematical Theory of Communication, 1948, section 6). */
export function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Words, sentences, paths, templates and stand-ins are no secrets; digits among letters are suspect. */
function looksSecret(value: string): boolean {
  if (/\s|^[./@]|[{}]|%[sd(]|<[a-z]/i.test(value) || isSlug(value)) return false;
  if (/example|sample|placeholder|changeme|dummy|your[_-]|xxx|\*\*\*|\.\.\./i.test(value)) return false;
  if (/^[\p{L}_.:\-/]+$/u.test(value)) return entropyOf(value) >= minEntropy && isMixedCase(value);
  const entropy = entropyOf(value);
  if (/^[0-9a-f]+$/i.test(value)) return value.length >= 16 && entropy >= minHexEntropy;
  return /\d/.test(value) && /\p{L}/u.test(value) && entropy >= minNamedEntropy;
}

/** Capitals and small letters change more often than at the beginnings of words. */
function isMixedCase(value: string): boolean {
  const nSwitches = value.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g)?.length ?? 0;
  return value.length >= 20 && nSwitches / value.length > 0.2;
}

/** Words with a small number behind them, as in `int16-slice`: a name. */
function isSlug(value: string): boolean {
  return (
    value.split(/[-_.:/]/).every((part) => /^(?:\p{L}*\d{0,2}|\d{1,4})$/u.test(part)) && /[-_.:/]/.test(value)
  );
}
