/** The document as it will be when a suggestion has been accepted and the user goes on: mostly at the next line. */

import { languageOf } from '../prompt/language.ts';
import { chooseShape, indentOf } from './chooseShape.ts';
import { contextAfter, indentUnitOf } from './readContext.ts';
import type { PromptContext } from './readContext.ts';
import type { Suggestion } from './suggestRequest.ts';

/**
 * After a suggestion that completes its line: a new line below it, indented as editors do. Else the place right after
 * it. Undefined when there is nothing to foresee.
 */
export function nextState(
  context: PromptContext,
  suggestion: Pick<Suggestion, 'text' | 'replaceLength'>,
  languageId: string,
): PromptContext | undefined {
  const after = contextAfter(context, suggestion.text, suggestion.replaceLength);
  if (after.lineSuffix.trim() !== '') return after.lineSuffix === context.lineSuffix ? undefined : after;
  const shape = chooseShape(after, languageId, 'block');
  const unit = indentUnitOf(after, languageOf(languageId));
  const [blank = ''] = /^[\t ]*/.exec(after.linePrefix) ?? [];
  const indent =
    shape.kind === 'block' && indentOf(after.linePrefix) <= shape.headerIndent ? blank + unit : blank;
  return contextAfter(after, after.eol + indent, 0);
}
