/** The prompt parts of a cursor as serving would have had them there: retrieval as of a commit, nothing newer. */

import { languageOfPath } from '../../prompt/languageOfPath.ts';
import type { PromptParts } from '../../prompt/promptParts.ts';
import { dropVisible } from '../../retrieval/dropVisible.ts';
import type { Retriever, Snippet } from '../../retrieval/snippet.ts';

/** Retrieval that can be told what to see; OwnRetriever is one. */
export interface AsOfRetriever extends Retriever {
  /** Nothing newer than `commit` can be found afterwards. */
  seeCommit(commit: string, signal: AbortSignal): Promise<void>;
  /** Of a file that a snippet came from, as it is at that commit; undefined when it is not at hand. */
  lines(path: string): readonly string[] | undefined;
}

export interface Cursor {
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
}

export interface GatherPartsProps {
  readonly repoName: string;
  readonly retriever: AsOfRetriever;
  readonly scrub: (snippet: Snippet) => Promise<string>;
  /** Files that no snippet may come from. */
  readonly isHidden: (path: string) => boolean;
  readonly signal: AbortSignal;
}

/** As much as serving reads around a cursor (completion/readContext.ts). */
const maxPrefixChars = 32_768;
const maxSuffixChars = 8192;

/** Retrieves for one cursor from what the retriever sees now. */
export async function gatherSnippets(props: GatherPartsProps, cursor: Cursor): Promise<readonly Snippet[]> {
  const query = { ...clip(cursor), languageId: languageOfPath(cursor.path) };
  const found = await props.retriever.retrieve(query, props.signal);
  const shown = dropVisible(found, query).filter((snippet) => !props.isHidden(snippet.path));
  return Promise.all(shown.map(async (snippet) => ({ ...snippet, text: await props.scrub(snippet) })));
}

export function partsOf(repoName: string, cursor: Cursor, snippets: readonly Snippet[]): PromptParts {
  const { path, prefix, suffix } = clip(cursor);
  return {
    repoName,
    path,
    languageId: languageOfPath(path),
    prefix,
    prefixOffset: cursor.prefix.length - prefix.length,
    suffix,
    snippets,
  };
}

function clip({ path, prefix, suffix }: Cursor): Cursor {
  return { path, prefix: prefix.slice(-maxPrefixChars), suffix: suffix.slice(0, maxSuffixChars) };
}
