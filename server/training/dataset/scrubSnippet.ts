/** Takes secrets out of a part of a file as what it is a part of: what makes a secret of a line may stand above it. */

import { digestOf } from '../../base/digest.ts';
import type { Snippet } from '../../retrieval/snippet.ts';
import type { Scrubber } from '../../secrets/scrubSecrets.ts';

/** Files held in memory; snippets of one commit come from few. */
const maxKept = 200;

/**
 * Answers a snippet's text without secrets; a file of many snippets is looked through once.
 * @param linesOf a file's lines as the retriever sees them now.
 */
export function createSnippetScrubber(
  linesOf: (path: string) => readonly string[] | undefined,
  scrub: Scrubber,
): (snippet: Snippet) => Promise<string> {
  const kept = new Map<string, Promise<readonly string[]>>();
  function scrubbedLines(text: string, path: string): Promise<readonly string[]> {
    const key = digestOf(`${path}\n${text}`);
    const known = kept.get(key) ?? scrub(text, path).then((scrubbed) => scrubbed.split('\n'));
    if (kept.size >= maxKept) kept.clear();
    kept.set(key, known);
    return known;
  }
  return async ({ path, startLine, endLine, text }) => {
    const lines = linesOf(path) ?? [];
    const isPart = lines.slice(startLine - 1, endLine).join('\n') === text;
    // Of the cursor's own file it may be a part that was scrubbed before.
    if (!isPart) return scrub(text, path);
    return (await scrubbedLines(lines.join('\n'), path)).slice(startLine - 1, endLine).join('\n');
  };
}
