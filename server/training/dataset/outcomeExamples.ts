/** From what became of suggestions to what can be learned of it. Pure; whether it goes into a dataset, chooseOutcomes.ts decides. */

import { isWorthAsking } from '../../cursors/casesOfFile.ts';
import { survivedSimilarity } from '../../store/learnableOutcomes.ts';
import type { LearnableOutcome } from '../../store/learnableOutcomes.ts';
import type { OutcomeSource } from './example.ts';
import { limitByPath } from './limitByPath.ts';
import { normaliseLine } from './nearDuplicates.ts';

/** A cursor where Idiom suggested something, and what belongs there; yet without snippets. */
export interface OutcomeExample {
  readonly source: OutcomeSource;
  readonly suggestionId: string;
  readonly path: string;
  readonly timeMs: number;
  /** Above 0 and at most 1. */
  readonly weight: number;
  /** With `\n` line ends, cut as they were recorded. */
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  /** The middle goes on in the file. */
  readonly isCut: boolean;
}

export interface OutcomeExampleOptions {
  readonly nowMs: number;
}

/**
 * A correction and a person's word are what the version in use does not know. What it wrote itself and was kept counts half:
 * there is little to learn from, and at full weight the loop would confirm its own habits.
 */
const weights: Readonly<Record<OutcomeSource, number>> = { accepted: 0.5, correction: 1, thumbs: 1 };
/** With the default retention of 90 days the oldest count a quarter, as the oldest commits do. */
const halfLifeMs = 45 * 86_400_000;
const minAgeFactor = 0.25;
/** As many as a dataset has cursors from history and files together, so that a busy week does not crowd them out. */
const maxExamples = 400;
const pathLimit = { share: 0.2, min: 20 };
/** Closers and blanks say nothing. */
const minTellingChars = 3;
const maxMiddleChars = 2000;

/** Oldest first; of one line of a file, however often it was asked for, the most telling one. */
export function outcomeExamples(
  outcomes: readonly LearnableOutcome[],
  options: OutcomeExampleOptions,
): OutcomeExample[] {
  const found = outcomes
    .flatMap((each) => toExample(each, options.nowMs))
    .sort((a, b) => b.weight - a.weight || b.timeMs - a.timeMs || compare(a.suggestionId, b.suggestionId));
  const seen = new Set<string>();
  const distinct = found.filter((each) => {
    const key = lineKey(each.path, each);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const newest = [...distinct].sort(newestFirst).slice(0, maxExamples);
  return limitByPath(newest, (each) => each.path, pathLimit).reverse();
}

/** The same for two cursors in the same line of a file, whatever their columns. */
export function lineKey(path: string, cursor: { readonly prefix: string; readonly middle: string }): string {
  return `${path}\n${normaliseLine(lineOf(cursor))}`;
}

/** The cursor's line, as it is with the middle. */
function lineOf({ prefix, middle }: { readonly prefix: string; readonly middle: string }): string {
  const head = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const [first = '', second = ''] = middle.split('\n');
  // At the end of a line that is there already, what is written is the next one.
  return first.trim() === '' ? second : head + first;
}

function toExample(outcome: LearnableOutcome, nowMs: number): OutcomeExample[] {
  // The process ended before the texts were written.
  const target = outcome.text === '' ? undefined : targetOf(outcome);
  if (target === undefined) return [];
  const prefix = withPlainEnds(outcome.prefix);
  const middle = withPlainEnds(target.middle);
  const isTelling = middle.replace(/[^\p{L}\p{N}_]/gu, '').length >= minTellingChars;
  if (!isTelling || middle.length > maxMiddleChars || !isWorthAsking(lineOf({ prefix, middle }))) return [];
  const age = Math.max(0, nowMs - outcome.atMs);
  const weight = weights[target.source] * Math.max(minAgeFactor, 2 ** (-age / halfLifeMs));
  const { suggestionId, path, atMs } = outcome;
  const suffix = withPlainEnds(outcome.suffix);
  return [{ ...target, suggestionId, path, timeMs: atMs, weight, prefix, suffix, middle }];
}

type Target = Pick<OutcomeExample, 'source' | 'middle' | 'isCut'>;

/** Thumbs count before all else; what was ignored is no example, neither for nor against. */
function targetOf(outcome: LearnableOutcome): Target | undefined {
  const { kind, thumbs, text } = outcome;
  if (thumbs === 'up') return { source: 'thumbs', middle: text, isCut: false };
  if (kind === 'rejected') return correction(outcome);
  const isTaken = kind === 'accepted' || kind === 'typedOut' || kind === 'partiallyAccepted';
  if (!isTaken || outcome.similarity === undefined) return undefined;
  if (outcome.similarity < survivedSimilarity) return correction(outcome);
  if (thumbs === 'down') return undefined;
  // Only what was taken over is known to be right, and what was written on after it.
  if (kind === 'partiallyAccepted') return correction(outcome);
  return { source: 'accepted', middle: outcome.keptText ?? text, isCut: false };
}

/** As many lines are kept in mind as the suggestion had; whether the block ends with the last of them is not known. */
function correction({ keptText, text }: LearnableOutcome): Target | undefined {
  if (keptText === undefined) return undefined;
  const nLines = text.split('\n').length;
  const isCut = nLines > 1 && keptText.split('\n').length >= nLines;
  return { source: keptText === text ? 'accepted' : 'correction', middle: keptText, isCut };
}

function newestFirst(a: OutcomeExample, b: OutcomeExample): number {
  return b.timeMs - a.timeMs || compare(a.suggestionId, b.suggestionId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function withPlainEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
