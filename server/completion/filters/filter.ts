/** What a filter is: one small step that shortens, mends or drops what the model wrote. */

import type { Language } from '../../prompt/language.ts';
import type { Shape } from '../chooseShape.ts';
import type { PromptContext } from '../readContext.ts';

/** A suggestion on its way: text with `\n` line ends, to go in at the cursor. */
export interface Draft {
  readonly text: string;
  /** Characters after the cursor on its line that the text takes the place of. */
  readonly replaceLength: number;
}

export interface FilterContext {
  readonly context: PromptContext;
  readonly languageId: string;
  readonly language: Language;
  readonly shape: Shape;
  readonly trigger: 'automatic' | 'manual';
  /** Lines at most; 0: no limit. */
  readonly maxLines: number;
  /** Generation ended because the longest length was reached, so the end may be anything. */
  readonly isCutByLength: boolean;
}

/** Returns the draft as it is, a shorter or mended one, or one with an empty text to drop the suggestion. */
export type Filter = (draft: Draft, given: FilterContext) => Draft;

/** The draft with another text. */
export function withText(draft: Draft, text: string): Draft {
  return text === draft.text ? draft : { ...draft, text };
}
