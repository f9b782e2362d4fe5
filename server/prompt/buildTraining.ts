/** Token ids of what is only read in training: a window of a file, and the middle that follows a prompt. Pure. */

import { beginSegments, renderSnippets, tokenizeSegments } from './buildPrompt.ts';
import type { BoundFormat } from './fimFormats.ts';
import type { Tokenizer } from './promptParts.ts';

export interface WindowParts {
  readonly repoName: string;
  readonly path: string;
  readonly languageId: string;
  /** Whole lines. */
  readonly text: string;
}

/** A file under its path, as prompts show snippets: this is how the base models saw files in their own training. */
export async function buildWindow(
  bound: BoundFormat,
  parts: WindowParts,
  tokenizer: Tokenizer,
): Promise<number[]> {
  const snippet = { path: parts.path, startLine: 1, endLine: 1, text: parts.text.toWellFormed() };
  const segments = [...beginSegments(bound), ...renderSnippets(bound, { ...parts, snippets: [snippet] })];
  return (await tokenizeSegments(segments, bound, tokenizer)).flatMap((each) => each.tokens);
}

export interface Middle {
  /** What the prompt left for the model to write (Prompt.heldBack), and the middle. */
  readonly tokens: readonly number[];
  /** The token that says that the middle is complete; undefined where the model has none. */
  readonly endToken: number | undefined;
}

/** What the model should write after a prompt. */
export async function buildMiddle(
  bound: BoundFormat,
  heldBack: string,
  middle: string,
  tokenizer: Tokenizer,
): Promise<Middle> {
  const [tokens = []] = await tokenizer.tokenize([heldBack + middle.toWellFormed()]);
  return { tokens, endToken: bound.tokenIds[bound.format.endOfMiddle] ?? bound.stopTokenIds[0] };
}
