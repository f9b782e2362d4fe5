/** Asks retrieval for snippets; a failure or an abort there costs the snippets, not the suggestion. */

import type { Logger } from '../base/logger.ts';
import { dropVisible } from '../retrieval/dropVisible.ts';
import type { Retriever, Snippet } from '../retrieval/snippet.ts';
import type { SnippetKeeper } from './keepSnippets.ts';
import type { PromptContext } from './readContext.ts';

export interface GatherProps {
  readonly retriever: Retriever;
  readonly keeper: SnippetKeeper;
  readonly logger: Logger;
  readonly uri: string;
  readonly path: string;
  readonly languageId: string;
}

export async function gatherSnippets(
  props: GatherProps,
  context: PromptContext,
  signal: AbortSignal,
): Promise<readonly Snippet[]> {
  const kept = props.keeper.find(props.uri, context);
  if (kept !== undefined) return dropVisible(kept, { path: props.path, ...context });
  try {
    const query = {
      uri: props.uri,
      path: props.path,
      languageId: props.languageId,
      prefix: context.prefix,
      suffix: context.suffix,
    };
    const snippets = await props.retriever.retrieve(query, signal);
    props.keeper.keep(props.uri, context, snippets);
    return dropVisible(snippets, query);
  } catch (error) {
    if (!signal.aborted) props.logger.warn('completion', 'retrieval failed', { error: String(error) });
    return [];
  }
}
