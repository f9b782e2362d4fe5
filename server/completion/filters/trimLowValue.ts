/** Drops a suggestion that is not worth a glance: blank, punctuation only, too short, or what stands there already. */

import { withText } from './filter.ts';
import type { Filter } from './filter.ts';

/** Useful characters are letters, digits and anything else that is not a closer or separator. */
const minUsefulChars = 2;

export const trimLowValue: Filter = (draft, { context, language, trigger }) => {
  // The end of white space in a table is a column.
  const isContent = language.blanks === 'exact';
  const text = !isContent && context.lineSuffix.trim() === '' ? draft.text.trimEnd() : draft.text;
  // A fence that came this far stands in a comment, a string or prose.
  const useful = text.replaceAll('```', 'code').replaceAll(/[\s)\]}'"`>;,.:({[]/g, '').length;
  const isTooShort = trigger === 'automatic' ? useful < minUsefulChars : text.trim() === '';
  const words = text.trim();
  const repeatsPrefix = words.length >= 4 && context.linePrefix.trimEnd().endsWith(words);
  return withText(draft, isTooShort || repeatsPrefix ? '' : text);
};
