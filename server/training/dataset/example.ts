/** One thing to learn, as text: what stands in a dataset before any model's tokenizer has seen it. */

import type { PromptParts } from '../../prompt/promptParts.ts';

/**
 * From what became of suggestions. `accepted`: taken over, and kept. `correction`: what a developer kept in the place of one
 * that was rejected or rewritten. `thumbs`: praised.
 */
export type OutcomeSource = 'accepted' | 'correction' | 'thumbs';

/**
 * `history`: lines that commits added. `snapshot`: files as they are now, against forgetting them.
 * `replay`: the generic set that is shipped with the task adapter, against forgetting everything else.
 */
export type ExampleSource = 'history' | 'snapshot' | 'replay' | OutcomeSource;

export interface ExampleOrigin {
  readonly source: ExampleSource;
  /** Factor on the loss of the whole example, above 0 and at most 1. */
  readonly weight: number;
  /** Milliseconds since 1970: of the commit, or of the suggestion. */
  readonly timeMs: number;
  readonly path: string;
  /** Full id of the commit that the text is of; empty for replay and outcomes. */
  readonly commit: string;
  /** 1-based line of the window's first line, or of the cursor; of outcomes, in what was recorded of the file. */
  readonly line: number;
}

/** Whole lines of a file; every token of them is learned. */
export interface WindowExample extends ExampleOrigin {
  readonly kind: 'window';
  readonly repoName: string;
  readonly languageId: string;
  readonly text: string;
}

/** A cursor: the prompt as it would have been served there, and what was written. */
export interface FillInExample extends ExampleOrigin {
  readonly kind: 'fillIn';
  readonly parts: PromptParts;
  readonly middle: string;
  /** The middle goes on in the file, so that no end follows it. */
  readonly isCut: boolean;
}

export type Example = WindowExample | FillInExample;
