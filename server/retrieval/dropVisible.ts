/** Leaves out snippets that the prompt shows around the cursor anyway; serving and training do it alike. */

import type { RetrievalQuery, Snippet } from './snippet.ts';

export function dropVisible(
  snippets: readonly Snippet[],
  { path, prefix, suffix }: Pick<RetrievalQuery, 'path' | 'prefix' | 'suffix'>,
): readonly Snippet[] {
  const near = prefix.slice(-2500) + suffix.slice(0, 800);
  return snippets.filter((snippet) => snippet.path !== path || !near.includes(snippet.text.trim()));
}
