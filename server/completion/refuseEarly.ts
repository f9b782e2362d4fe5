/** Reasons to say nothing that can be known before any work is done. */

import { languageOf } from '../prompt/language.ts';
import { isClosersOnly } from './chooseShape.ts';
import type { NoneReason } from './noneReason.ts';
import type { PromptContext } from './readContext.ts';
import { scanCode, textAt } from './scanCode.ts';
import type { SuggestRequest } from './suggestRequest.ts';

/** More code than this after the cursor, beyond closers, and an automatic suggestion would mostly be in the way. */
const maxLineSuffixChars = 24;

/** Before the document is read. */
export function refuseBySettings(
  request: Pick<SuggestRequest, 'settings' | 'languageId' | 'isIgnored' | 'trigger'>,
): NoneReason | undefined {
  if (!request.settings.isEnabled) return 'disabled';
  if (request.settings.disabledLanguages.includes(request.languageId)) return 'languageDisabled';
  if (request.isIgnored) return 'ignoredFile';
  return request.settings.isManualOnly === true && request.trigger === 'automatic' ? 'manualOnly' : undefined;
}

export function refuseByContext(
  context: PromptContext,
  { trigger, languageId, settings }: Pick<SuggestRequest, 'trigger' | 'languageId' | 'settings'>,
): NoneReason | undefined {
  if (context.prefix.trim() === '' && context.suffix.trim() === '') return 'emptyContext';
  if (trigger === 'manual') return undefined;
  if (settings.isOffInComments === true && isInComment(context, languageId)) return 'inComment';
  if (/^[\p{L}\p{N}_$]/u.test(context.lineSuffix)) return 'insideWord';
  const after = context.lineSuffix.trim();
  return !isClosersOnly(after) && after.length > maxLineSuffixChars ? 'longSuffixOnLine' : undefined;
}

/** By a scan of the text before the cursor, as far as it was read. */
function isInComment({ prefix }: PromptContext, languageId: string): boolean {
  const scan = scanCode(prefix, languageOf(languageId));
  return textAt(scan, prefix.length)?.kind === 'comment';
}
