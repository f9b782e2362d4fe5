/** Gives each cursor the snippets that retrieval had for it at its commit; cursors of one commit are asked together. */

import type { PromptParts } from '../../prompt/promptParts.ts';
import { gatherSnippets, partsOf } from './promptParts.ts';
import type { Cursor, GatherPartsProps } from './promptParts.ts';

export interface AsOfCursor extends Cursor {
  /** Retrieval sees this commit and nothing newer; undefined: no retrieval. */
  readonly asOf: string | undefined;
  /** Files that no snippet may come from. */
  readonly isHidden: (path: string) => boolean;
}

/** Parts in the order of the cursors. */
export async function completeCursors(
  props: Omit<GatherPartsProps, 'isHidden'> & { readonly onProgress: (nDone: number, nAll: number) => void },
  cursors: readonly AsOfCursor[],
): Promise<PromptParts[]> {
  const byCommit = Map.groupBy(cursors.keys(), (i) => cursors[i]?.asOf);
  const parts: PromptParts[] = new Array<PromptParts>(cursors.length);
  let nDone = 0;
  for (const [commit, indexes] of byCommit) {
    props.signal.throwIfAborted();
    if (commit !== undefined) await props.retriever.seeCommit(commit, props.signal);
    for (const i of indexes) {
      const cursor = cursors[i] as AsOfCursor;
      const snippets =
        commit === undefined ? [] : await gatherSnippets({ ...props, isHidden: cursor.isHidden }, cursor);
      parts[i] = partsOf(props.repoName, cursor, snippets);
    }
    nDone += indexes.length;
    props.onProgress(nDone, cursors.length);
  }
  return parts;
}
