/** Runs the filters in order; one that fails costs its own effect and is logged, never the request. */

import type { Logger } from '../../base/logger.ts';
import { balanceClosers } from './balanceClosers.ts';
import { dropRepeatedLines } from './dropRepeatedLines.ts';
import type { Draft, Filter, FilterContext } from './filter.ts';
import { fixIndentation } from './fixIndentation.ts';
import { limitToShape } from './limitToShape.ts';
import { stripSpecialTokens } from './stripSpecialTokens.ts';
import { trimLowValue } from './trimLowValue.ts';
import { trimSuffixOverlap } from './trimSuffixOverlap.ts';

/** Order matters: cut to shape before comparing with neighbours, judge the value last. */
export const filters = {
  stripSpecialTokens,
  limitToShape,
  dropRepeatedLines,
  fixIndentation,
  trimSuffixOverlap,
  balanceClosers,
  trimLowValue,
} as const satisfies Readonly<Record<string, Filter>>;

export type FilterName = keyof typeof filters;

export type Filtered =
  { readonly kind: 'kept'; readonly draft: Draft } | { readonly kind: 'dropped'; readonly by: FilterName };

export function runFilters(
  draft: Draft,
  given: FilterContext,
  logger: Logger,
  stages: Readonly<Partial<Record<FilterName, Filter>>> = filters,
): Filtered {
  let current = draft;
  for (const [name, filter] of Object.entries(stages)) {
    try {
      current = filter(current, given);
    } catch (error) {
      logger.warn('completion', 'a filter failed', { filter: name, error: String(error) });
      continue;
    }
    if (current.text.trim() === '') return { kind: 'dropped', by: name as FilterName };
  }
  return { kind: 'kept', draft: current };
}
