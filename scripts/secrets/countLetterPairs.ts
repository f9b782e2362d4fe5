/**
 * Counts which letters follow which in the words of source code, for server/secrets/letterPairs.ts:
 * `node scripts/run.mjs scripts/secrets/countLetterPairs.ts DIR...`, with folders of code in many languages.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf, kindCount, maxCost } from '../../server/secrets/letterKinds.ts';

const code =
  /\.(c|cc|cpp|h|hpp|cs|go|java|js|mjs|ts|tsx|jsx|py|pyi|rb|rs|php|kt|swift|sh|md|rst|ya?ml|toml|ini|html|css)$/;
const maxFileBytes = 1_000_000;
/** Longer words are data, and so are words of hexadecimal digits. */
const word = /[A-Za-z0-9]{2,20}/g;
const isHex = /^(?=.*\d)[0-9a-f]{8,}$/i;

const words = new Set<string>();
for (const folder of process.argv.slice(2)) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !code.test(entry.name)) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    if (bytes.length > maxFileBytes) continue;
    for (const [each] of bytes.toString('utf8').matchAll(word)) if (!isHex.test(each)) words.add(each);
  }
}

/** Row 0 is the beginning of a word; the others are the kinds of the letter before. */
const counts = Array.from({ length: kindCount + 1 }, () => new Array<number>(kindCount).fill(0.5));
for (const each of words) {
  let row = counts[0];
  for (const char of each) {
    const kind = kindOf(char.charCodeAt(0));
    if (row !== undefined) row[kind] = (row[kind] ?? 0) + 1;
    row = counts[kind + 1];
  }
}
const rows = counts.map((row) => {
  const sum = row.reduce((a, b) => a + b, 0);
  return row
    .map((count) => Math.min(maxCost, Math.round(-2 * Math.log2(count / sum))))
    .map((halfBits) => halfBits.toString(36))
    .join('');
});
const text = `/**
 * How surprising each letter is behind another in the words of source code: written by scripts/secrets/countLetterPairs.ts
 * from ${words.size} different words. A row for the beginning of a word, then one for each kind of letter (letterKinds.ts);
 * in it a base-36 digit for each kind, in half bits.
 */
export const letterPairs: readonly string[] = [
${rows.map((row) => `  '${row}',`).join('\n')}
];
`;
writeFileSync(join(import.meta.dirname, '../../server/secrets/letterPairs.ts'), text);
console.log(`${words.size} words`);
