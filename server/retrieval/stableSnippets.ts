/**
 * Keeps the snippets of a document while they are worth nearly as much as the newest ones: the prompt begins with them, so
 * another set costs the whole KV cache. What "nearly" means is measured in bench/retrieval.
 */

import type { RankedPlace } from './chooseSnippets.ts';
import type { Retrieved } from './retrieveSnippets.ts';
import type { RetrievalQuery, Snippet } from './snippet.ts';

export interface StableSnippets {
  choose(query: RetrievalQuery, found: Retrieved): readonly Snippet[];
}

const maxDocuments = 16;

/** @param keepShare the earlier set stays when its worth is at least this share of the new set's; 1 or more: never. */
export function createStableSnippets(keepShare: number): StableSnippets {
  const earlier = new Map<string, readonly Snippet[]>();
  return {
    choose(query, { snippets, places }) {
      const before = earlier.get(query.path);
      const isKept =
        before !== undefined &&
        before.length > 0 &&
        keepShare < 1 &&
        !isTypedOver(before, query) &&
        worth(before, places) >= keepShare * worth(snippets, places);
      const chosen = isKept ? before : snippets;
      earlier.delete(query.path);
      earlier.set(query.path, chosen);
      if (earlier.size > maxDocuments) earlier.delete(earlier.keys().next().value as string);
      return chosen;
    },
  };
}

/** Sum of the scores that the places have now; a place that is not ranked any more counts nothing. */
function worth(snippets: readonly Snippet[], places: readonly RankedPlace[]): number {
  let total = 0;
  for (const { path, startLine, endLine } of snippets) {
    for (const place of places) {
      if (place.path === path && place.startLine <= endLine && place.endLine >= startLine)
        total += place.score;
    }
  }
  return total;
}

/** A snippet of the cursor's own document may have come into sight; it would be shown twice. */
function isTypedOver(snippets: readonly Snippet[], { path, prefix, suffix }: RetrievalQuery): boolean {
  const near = prefix.slice(-1500) + suffix.slice(0, 500);
  return snippets.some((snippet) => snippet.path === path && near.includes(snippet.text.trim()));
}
