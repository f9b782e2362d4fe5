/** Keeps a document's snippets while one line is typed, so that the head of the prompt, and its KV cache, stay. */

import type { Snippet } from '../retrieval/snippet.ts';
import type { PromptContext } from './readContext.ts';

/** After this many more characters on the line there is enough new to ask the index again. */
const maxGrowthChars = 24;
const nDocuments = 16;

interface Kept {
  readonly lineStart: number;
  readonly before: string;
  readonly lineLength: number;
  readonly snippets: readonly Snippet[];
}

export class SnippetKeeper {
  /** By document, oldest first. */
  readonly #kept = new Map<string, Kept>();

  /** The snippets of an earlier request on the same line of the same text, if the line has not grown much since. */
  find(uri: string, context: PromptContext): readonly Snippet[] | undefined {
    const kept = this.#kept.get(uri);
    if (
      kept === undefined ||
      kept.lineStart !== lineStartOf(context) ||
      kept.before !== textBefore(context)
    ) {
      return undefined;
    }
    return Math.abs(context.linePrefix.length - kept.lineLength) <= maxGrowthChars
      ? kept.snippets
      : undefined;
  }

  keep(uri: string, context: PromptContext, snippets: readonly Snippet[]): void {
    this.#kept.delete(uri);
    this.#kept.set(uri, {
      lineStart: lineStartOf(context),
      before: textBefore(context),
      lineLength: context.linePrefix.length,
      snippets,
    });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= nDocuments) break;
      this.#kept.delete(oldest);
    }
  }
}

const lineStartOf = (context: PromptContext): number => context.offset - context.linePrefix.length;

function textBefore({ prefix, linePrefix }: PromptContext): string {
  const end = prefix.length - linePrefix.length;
  return prefix.slice(Math.max(0, end - 200), end);
}
