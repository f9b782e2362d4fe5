/** How much of what was really written retrieval brings into the prompt: no model is needed to see it. */

import { namesOf } from './namesOf.ts';
import { wordsOf } from '../../server/retrieval/codeTerms.ts';
import type { RankOptions } from '../../server/retrieval/rankOptions.ts';
import type { Snippet } from '../../server/retrieval/snippet.ts';
import type { RetrievalCase } from './cases.ts';

export interface Recall {
  /** Names in the code of the true line that the text around the cursor lacks; cases with none say nothing. */
  readonly nNew: number;
  /** How many of them the snippets have. */
  readonly nFound: number;
  /** Whether what is to be written, to the end of its line, stands in a snippet as it is. */
  readonly hasLine: boolean;
  readonly nChars: number;
}

const minNameChars = 3;
const frameChars = 40;

export function recallOf(
  each: RetrievalCase,
  snippets: readonly Snippet[],
  options: Pick<RankOptions, 'visiblePrefixChars' | 'visibleSuffixChars'>,
): Recall {
  const shown = new Set(
    wordsOf(
      `${each.prefix.slice(-options.visiblePrefixChars)} ${each.suffix.slice(0, options.visibleSuffixChars)}`,
    ),
  );
  const wanted = new Set(namesOf(each).filter((word) => word.length >= minNameChars && !shown.has(word)));
  const brought = new Set(snippets.flatMap((snippet) => wordsOf(snippet.text)));
  return {
    nNew: wanted.size,
    nFound: [...wanted].filter((word) => brought.has(word)).length,
    hasLine: snippets.some((snippet) => snippet.text.includes(each.middle.trim())),
    nChars: snippets.reduce((total, snippet) => total + snippet.text.length + frameChars, 0),
  };
}

/** Snippets, best first, until the budget is used; the last one is cut at a line end. */
export function cutToBudget(snippets: readonly Snippet[], maxChars: number): Snippet[] {
  const kept: Snippet[] = [];
  let left = maxChars;
  for (const snippet of snippets) {
    const room = left - frameChars;
    if (room <= 0) break;
    const text =
      snippet.text.length <= room
        ? snippet.text
        : snippet.text.slice(0, Math.max(0, snippet.text.lastIndexOf('\n', room)));
    if (text === '') break;
    kept.push({ ...snippet, text, endLine: snippet.startLine + text.split('\n').length - 1 });
    left -= text.length + frameChars;
  }
  return kept;
}
