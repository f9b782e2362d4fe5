/** One cursor with the text that a developer really wrote there, and how a suggestion is scored against it. */

import { editSimilarity } from '../stats/editSimilarity.ts';

export interface EvaluationCase {
  /** Stable: commit, path and position. */
  readonly id: string;
  readonly commit: string;
  /** What the repository was before; undefined for its first commit. */
  readonly parent: string | undefined;
  readonly path: string;
  /** 1-based line of the cursor in the file as the commit left it. */
  readonly line: number;
  readonly prefix: string;
  readonly suffix: string;
  /** What was really written from the cursor to the end of the line. */
  readonly middle: string;
}

export interface Score {
  /** The first line is the same but for white space at its end. */
  readonly isExactMatch: boolean;
  /** 1 - Levenshtein distance / longer length, of the first lines; 0 to 1. */
  readonly editSimilarity: number;
}

/** Scores the first line of `text`; an empty text is a suggestion that did not come and scores 0. */
export function scoreCase(text: string, middle: string): Score {
  const first = firstLine(text);
  if (first === '') return { isExactMatch: false, editSimilarity: 0 };
  const truth = firstLine(middle);
  return { isExactMatch: first === truth, editSimilarity: editSimilarity(first, truth) };
}

function firstLine(text: string): string {
  return (/^[^\r\n]*/.exec(text)?.[0] ?? '').trimEnd();
}
