/** What a cursor asks for: the terms of the lines around it, the nearer the heavier. */

import { partsOf, wordsOf } from './codeTerms.ts';
import type { RankOptions } from './rankOptions.ts';

export interface QueryTerms {
  /** Term -> weight, the greatest of its occurrences. */
  readonly weights: ReadonlyMap<string, number>;
  /** Identifiers near the cursor in their own case, nearest first. */
  readonly identifiers: readonly string[];
}

type QueryOptions = Pick<RankOptions, 'nLinesBefore' | 'nLinesAfter' | 'halfLifeLines' | 'partWeight'>;

/** A line of data may be very long; its words far from the cursor say nothing. */
const maxLineChars = 400;

export function queryTermsOf(prefix: string, suffix: string, options: QueryOptions): QueryTerms {
  const before = lastLines(prefix, options.nLinesBefore).reverse();
  const after = firstLines(suffix, options.nLinesAfter);
  const weights = new Map<string, number>();
  const identifiers = new Set<string>();
  const add = (line: string, distance: number) => {
    const weight = 2 ** (-distance / options.halfLifeLines);
    for (const word of wordsOf(line).reverse()) {
      identifiers.add(word);
      raise(weights, word.toLowerCase(), weight);
      for (const part of partsOf(word)) raise(weights, part, weight * options.partWeight);
    }
  };
  for (const [distance, line] of before.entries()) add(line.slice(-maxLineChars), distance);
  for (const [distance, line] of after.entries()) add(line.slice(0, maxLineChars), distance + 1);
  return { weights, identifiers: [...identifiers] };
}

function raise(weights: Map<string, number>, term: string, weight: number): void {
  if (term.length > 1 && weight > (weights.get(term) ?? 0)) weights.set(term, weight);
}

/** The last `count` lines, the one with the cursor included, without looking at the rest of the text. */
export function lastLines(text: string, count: number): string[] {
  let start = text.length;
  for (let i = 0; i < count && start >= 0; i++) start = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
  return text.slice(start < 0 ? 0 : start + 1).split('\n');
}

export function firstLines(text: string, count: number): string[] {
  let end = -1;
  for (let i = 0; i < count; i++) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return text.split('\n');
  }
  return text.slice(0, end).split('\n');
}
