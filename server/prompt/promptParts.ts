/** What goes into a prompt and what comes out, as types; buildPrompt.ts does the work. */

import type { Snippet } from '../retrieval/snippet.ts';

/** Token ids of plain texts, one array a text; special tokens in a text are not interpreted. */
export interface Tokenizer {
  tokenize(texts: readonly string[]): Promise<number[][]>;
}

export interface PromptParts {
  readonly repoName: string;
  /** Relative to the repository, or the file's name. */
  readonly path: string;
  readonly languageId: string;
  /** Text before the cursor with `\n` line ends; may be cut at the far end. */
  readonly prefix: string;
  /** Characters of the document before `prefix`. */
  readonly prefixOffset: number;
  /** Text after the cursor with `\n` line ends; may be cut at the far end. */
  readonly suffix: string;
  /** Best first. */
  readonly snippets: readonly Snippet[];
}

/** `frame`: special tokens, repository name and path, as far as they are not read as one text with a part. */
export type PromptPart = 'frame' | 'prefix' | 'suffix' | 'snippets';

export interface Prompt {
  readonly tokens: readonly number[];
  readonly stopTokens: readonly number[];
  readonly stopTexts: readonly string[];
  /**
   * The end of the prefix that is not in the prompt: one blank, tab or line break, or nothing. Byte-pair tokenizers
   * take all white space before a word but its last character as one token, so a model without fill-in-the-middle
   * training has hardly ever seen a text that stops after that last character.
   * What the model writes is expected to begin with it.
   */
  readonly heldBack: string;
  readonly nTokensByPart: Readonly<Record<PromptPart, number>>;
  /** The snippets that are in the prompt, best first; the last of them may be cut. */
  readonly snippets: readonly Snippet[];
}
