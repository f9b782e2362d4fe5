/** What is asked of the completer and what it answers, as types. */

import type { Snippet } from '../retrieval/snippet.ts';
import type { NoneReason } from './noneReason.ts';

/** Read access to a document, so that a large one is never copied whole. Offsets are UTF-16 code units. */
export interface DocumentText {
  readonly length: number;
  slice(start: number, end: number): string;
}

export interface SuggestSettings {
  readonly isEnabled: boolean;
  readonly disabledLanguages: readonly string[];
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  /** Negative: adapted to typing and latency. */
  readonly debounceMs: number;
  /** Answers only what a person asked for by command. Default false. */
  readonly isManualOnly?: boolean;
  /** Says nothing, unasked, while the cursor stands in a comment. Default false. */
  readonly isOffInComments?: boolean;
  /** Lines of a suggestion at most; 0, the default: no limit but what a block has. */
  readonly maxLines?: number;
}

export interface SuggestRequest {
  readonly uri: string;
  /** Relative to the repository with forward slashes, or the file's name where there is none. */
  readonly path: string;
  readonly repoName: string;
  readonly languageId: string;
  readonly document: DocumentText;
  /** Cursor, in UTF-16 code units; a position outside the document is moved to its nearer end. */
  readonly offset: number;
  readonly version: number;
  readonly trigger: 'automatic' | 'manual';
  /** The highlighted entry of the suggest widget, if it is open: its text would replace [start, end). */
  readonly selectedCompletion?:
    { readonly text: string; readonly start: number; readonly end: number } | undefined;
  readonly isMultilineAllowed: boolean;
  /** Several lines where a block does not ask for them too. Default false. */
  readonly isMultilinePreferred?: boolean;
  /** The file matches ignore rules. */
  readonly isIgnored: boolean;
  readonly settings: SuggestSettings;
  /** False: no snippets (for evaluation). Default true. */
  readonly useRetrieval?: boolean;
}

export type LatencyStage =
  'debounce' | 'retrieve' | 'prompt' | 'queue' | 'prefill' | 'decode' | 'filter' | 'total';
export type LatencyMs = Readonly<Record<LatencyStage, number>>;

export interface Suggestion {
  readonly kind: 'suggestion';
  readonly id: string;
  /** Goes in at the cursor, with the document's line ends. */
  readonly text: string;
  /** Characters after the cursor, on its line, that `text` takes the place of; 0 mostly. */
  readonly replaceLength: number;
  readonly latencyMs: LatencyMs;
  /** Which adapter answered, whether retrieval took part, and why; see formatRoute. */
  readonly route: string;
  /** Digest of the adapter, or "base". */
  readonly adapter: string;
  readonly snippets: readonly Snippet[];
  readonly isMultiline: boolean;
  readonly fromCache: 'no' | 'exact' | 'typeAlong' | 'prefetch';
}

export type SuggestResult = Suggestion | { readonly kind: 'none'; readonly reason: NoneReason };
