/** Reasons to say nothing that can be known before any work is done. */

import { isClosersOnly } from './chooseShape.ts';
import type { NoneReason } from './noneReason.ts';
import type { PromptContext } from './readContext.ts';
import type { SuggestRequest } from './suggestRequest.ts';

/** More code than this after the cursor, beyond closers, and an automatic suggestion would mostly be in the way. */
const maxLineSuffixChars = 24;

/** Before the document is read. */
export function refuseBySettings(
  request: Pick<SuggestRequest, 'settings' | 'languageId' | 'isIgnored'>,
): NoneReason | undefined {
  if (!request.settings.isEnabled) return 'disabled';
  if (request.settings.disabledLanguages.includes(request.languageId)) return 'languageDisabled';
  return request.isIgnored ? 'ignoredFile' : undefined;
}

export function refuseByContext(
  context: PromptContext,
  trigger: 'automatic' | 'manual',
): NoneReason | undefined {
  if (context.prefix.trim() === '' && context.suffix.trim() === '') return 'emptyContext';
  if (trigger === 'manual') return undefined;
  if (/^[\p{L}\p{N}_$]/u.test(context.lineSuffix)) return 'insideWord';
  const after = context.lineSuffix.trim();
  return !isClosersOnly(after) && after.length > maxLineSuffixChars ? 'longSuffixOnLine' : undefined;
}
