/** Turns a cache hit into an answer: the stored one, or what is left of it after typing. */

import type { Logger } from '../base/logger.ts';
import { languageOf } from '../prompt/language.ts';
import { chooseShape } from './chooseShape.ts';
import { runFilters } from './filters/runFilters.ts';
import { trimLowValue } from './filters/trimLowValue.ts';
import { trimSuffixOverlap } from './filters/trimSuffixOverlap.ts';
import type { NoneReason } from './noneReason.ts';
import type { PromptContext } from './readContext.ts';
import type { CachedAnswer, CacheHit } from './suggestionCache.ts';
import type { LatencyMs, SuggestRequest } from './suggestRequest.ts';

export type FromCache =
  | {
      readonly kind: 'answer';
      readonly answer: CachedAnswer;
      readonly fromCache: 'exact' | 'typeAlong' | 'prefetch';
    }
  | { readonly kind: 'none'; readonly reason: NoneReason };

export const emptyLatency: LatencyMs = {
  debounce: 0,
  retrieve: 0,
  prompt: 0,
  queue: 0,
  prefill: 0,
  decode: 0,
  filter: 0,
  total: 0,
};

/** Undefined: ask the model after all. An explicit request does not take an earlier "none" for an answer. */
export function answerFromCache(
  hit: CacheHit,
  context: PromptContext,
  request: Pick<SuggestRequest, 'languageId' | 'trigger' | 'isMultilineAllowed'>,
  logger: Logger,
): FromCache | undefined {
  const { answer } = hit;
  if (answer.noneReason !== undefined) {
    return request.trigger === 'manual' ? undefined : { kind: 'none', reason: answer.noneReason };
  }
  if (hit.rest.trim() === '')
    return answer.isCutByLength ? undefined : { kind: 'none', reason: 'lineComplete' };
  const isWhole = hit.typed === '' && hit.autoClosed === '';
  const text = request.isMultilineAllowed ? hit.rest : firstLine(hit.rest);
  if (text.trim() === '') return undefined;
  const fromCache = !isWhole ? 'typeAlong' : answer.origin === 'prefetch' ? 'prefetch' : 'exact';
  const fitted =
    hit.autoClosed === ''
      ? { text, replaceLength: answer.replaceLength }
      : fit(hit, context, request, logger);
  if (fitted === undefined) return undefined;
  return {
    kind: 'answer',
    answer: { ...answer, ...fitted, isMultiline: fitted.text.includes('\n') },
    fromCache,
  };
}

/** The editor put closers behind the cursor that the text was going to write itself. */
function fit(
  hit: CacheHit,
  context: PromptContext,
  { languageId, trigger }: Pick<SuggestRequest, 'languageId' | 'trigger'>,
  logger: Logger,
): { text: string; replaceLength: number } | undefined {
  const given = {
    context,
    languageId,
    language: languageOf(languageId),
    shape: chooseShape(context, languageId, 'block'),
    trigger,
    maxLines: 0,
    isCutByLength: false,
  };
  const draft = { text: hit.rest, replaceLength: 0 };
  const filtered = runFilters(draft, given, logger, { trimSuffixOverlap, trimLowValue });
  return filtered.kind === 'kept' ? filtered.draft : undefined;
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';
