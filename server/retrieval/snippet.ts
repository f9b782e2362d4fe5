/** What retrieval yields, and the seam through which the completion pipeline asks for it. */

/** A piece of text from elsewhere in the repository, whole lines. */
export interface Snippet {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** First line, 1-based. */
  readonly startLine: number;
  /** Last line, 1-based and included. */
  readonly endLine: number;
  readonly text: string;
}

export interface RetrievalQuery {
  /** Of the document, where an editor has it open; tells apart folders that have the same path. */
  readonly uri?: string;
  /** Path of the file being edited, relative to the repository. */
  readonly path: string;
  readonly languageId: string;
  /** Document text before the cursor; may be cut at the far end. */
  readonly prefix: string;
  /** Document text after the cursor; may be cut at the far end. */
  readonly suffix: string;
}

/** Answers within its latency budget, or with fewer snippets; never throws for a bad index, never waits for indexing. */
export interface Retriever {
  retrieve(query: RetrievalQuery, signal: AbortSignal): Promise<readonly Snippet[]>;
}

/** Used where there is no index. */
export const noRetrieval: Retriever = { retrieve: () => Promise.resolve([]) };
