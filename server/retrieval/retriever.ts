/** Answers the pipeline: one retrieval, and whether its snippets are worth more than the ones the KV cache holds already. */

import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { IndexReader } from './indexReader.ts';
import type { OpenTexts } from './openTexts.ts';
import type { RankOptions } from './rankOptions.ts';
import { retrieveSnippets } from './retrieveSnippets.ts';
import type { RetrieveContext } from './retrieveSnippets.ts';
import type { RetrievalQuery, Retriever, Snippet } from './snippet.ts';
import { createStableSnippets } from './stableSnippets.ts';
import type { TextSource } from './textSource.ts';

export interface RetrieverProps {
  /** Undefined while there is no index; then only open texts are searched. */
  readonly reader: () => IndexReader | undefined;
  readonly texts: () => TextSource | undefined;
  readonly openTexts: OpenTexts;
  readonly options: RankOptions;
  readonly logger: Logger;
  /** The index could not be read; it is opened again for the next query. */
  readonly onBroken: () => void;
}

const noTexts: TextSource = { prepare: () => Promise.resolve(), lines: () => undefined };

export function createRetriever(props: RetrieverProps): Retriever {
  const stable = createStableSnippets(props.options.keepShare);
  async function retrieve(query: RetrievalQuery, signal: AbortSignal): Promise<readonly Snippet[]> {
    signal.throwIfAborted();
    try {
      const context: RetrieveContext = {
        reader: props.reader(),
        texts: props.texts() ?? noTexts,
        openTexts: props.openTexts,
        options: props.options,
      };
      const found = await retrieveSnippets(context, query, signal);
      return stable.choose(query, found);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      props.logger.warn('retrieval', 'query failed', { error: describeError(error) });
      props.onBroken();
      return [];
    }
  }
  return { retrieve };
}
