/** One suggestion for a prefix and a suffix, outside of any editor, in the terms of the batch contract. */

import type { Completer } from '../completion/completer.ts';
import type { SuggestResult } from '../completion/suggestRequest.ts';
import { languageOfPath } from '../prompt/languageOfPath.ts';

export interface SuggestAtRequest {
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly repoName: string;
  readonly maxNewTokens: number;
  readonly maxPromptTokens: number;
  readonly useRetrieval: boolean;
  readonly isMultilineAllowed: boolean;
}

/** A line of `idiom complete --batch`; field names are a contract. */
export interface BatchAnswer {
  readonly text: string;
  /** Characters at the start of `suffix`, in UTF-16 code units, that `text` takes the place of; 0 mostly. */
  readonly replaceLength: number;
  readonly adapter: string;
  readonly snippets: readonly {
    readonly path: string;
    readonly startLine: number;
    readonly endLine: number;
  }[];
  /** As in `idiom/explain` (protocol/messages.ts); `none` when nothing came. */
  readonly route: string;
  readonly latencyMs: Readonly<Record<string, number>>;
  readonly none?: string;
}

let nAsked = 0;

export async function suggestAt(
  completer: Completer,
  request: SuggestAtRequest,
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const text = request.prefix + request.suffix;
  const result = await completer.suggest(
    {
      // Every case is a document of its own, so that none sees what another one left in a cache.
      uri: `idiom-batch:${++nAsked}/${request.path}`,
      path: request.path,
      repoName: request.repoName,
      languageId: languageOfPath(request.path),
      document: { length: text.length, slice: (start, end) => text.slice(start, end) },
      offset: request.prefix.length,
      version: 1,
      trigger: 'manual',
      isMultilineAllowed: request.isMultilineAllowed,
      isIgnored: false,
      useRetrieval: request.useRetrieval,
      settings: {
        isEnabled: true,
        disabledLanguages: [],
        maxPromptTokens: request.maxPromptTokens,
        maxNewTokens: request.maxNewTokens,
        debounceMs: 0,
      },
    },
    signal,
  );
  return toAnswer(result);
}

/** Without the reason. */
export const noAnswer = {
  text: '',
  replaceLength: 0,
  adapter: '',
  snippets: [],
  route: 'none',
  latencyMs: {},
} as const satisfies BatchAnswer;

function toAnswer(result: SuggestResult): BatchAnswer {
  if (result.kind === 'none') {
    return { ...noAnswer, none: result.reason };
  }
  const { text, replaceLength, adapter, route, latencyMs } = result;
  const snippets = result.snippets.map(({ path, startLine, endLine }) => ({ path, startLine, endLine }));
  return { text, replaceLength, adapter, snippets, route, latencyMs };
}
