/** How a suggestion is scored against what a developer really wrote at the cursor. */

import type { CursorCase } from '../cursors/cursorCase.ts';
import { editSimilarity } from '../stats/editSimilarity.ts';

export type EvaluationCase = CursorCase;

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
