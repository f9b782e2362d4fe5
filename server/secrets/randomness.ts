/** Tells random letters and digits from words of code, by how likely each letter is behind the one before. */

import { kindCount, kindOf } from './letterKinds.ts';
import { letterPairs } from './letterPairs.ts';

/** Bits that a letter costs behind another; row 0 is the beginning of a word. */
const costs = letterPairs.map((row) => Array.from(row, (digit) => parseInt(digit, 36) / 2));
/** Any of the ten digits may stand for the one kind that is counted. */
const digitBits = Math.log2(10);

/**
 * Bits that speak for a random string against words, in the part of `text` where most do; what separates words is skipped.
 * Per letter: its surprise behind the letter before, less the log of how many letters the string draws from
 * (the logarithm of a likelihood ratio: https://en.wikipedia.org/wiki/Likelihood-ratio_test).
 */
export function randomBits(text: string): number {
  const uniform = Math.log2(alphabetSize(text));
  let best = 0;
  let sum = 0;
  let row = costs[0];
  for (let i = 0; i < text.length; i++) {
    const kind = kindOf(text.charCodeAt(i));
    if (kind < 0) {
      sum = Math.max(0, sum - separatorLoss);
      row = costs[0];
      continue;
    }
    const isDigit = kind === kindCount - 1;
    const isStep = i > 0 && text.charCodeAt(i) - text.charCodeAt(i - 1) === 1;
    const cost = (row?.[kind] ?? 0) + (isDigit ? digitBits : 0);
    // `abc`, `0123`: tables of letters are no secrets. Nor does one letter surprise without end.
    const gain = isStep ? -uniform : Math.min(cost, uniform + maxGain) - uniform;
    sum = Math.max(0, sum + gain);
    best = Math.max(best, sum);
    row = costs[kind + 1];
  }
  return best;
}

/** Bits at which no word, name or made-up stand-in is left among what was measured (bench/secrets/alarms.ts). */
const certainBits = 18;
const minCertainChars = 12;

/** Letters and digits that a machine drew. */
export function isBeyondDoubt(value: string): boolean {
  return (
    value.length >= minCertainChars &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    randomBits(value) >= certainBits
  );
}

const maxGain = 5;
/** Short parts between separators are those of a path or a name. */
const separatorLoss = 3;

function alphabetSize(text: string): number {
  const isHex = !/[g-z]/i.test(text);
  const nSmall = /[a-z]/.test(text) ? (isHex ? 6 : 26) : 0;
  const nLarge = /[A-Z]/.test(text) ? (isHex ? 6 : 26) : 0;
  return Math.max(2, nSmall + nLarge + (/\d/.test(text) ? 10 : 0));
}
