/** The prompt of one request: snippets, and as much of the text around the cursor as can be read in time. */

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { AdapterFile, BaseModelInfo, Engine } from '../llama/engine.ts';
import { buildPrompt } from '../prompt/buildPrompt.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import type { Prompt, Tokenizer } from '../prompt/promptParts.ts';
import { defaultShares, sharesInTime } from '../prompt/tokenBudget.ts';
import type { Retriever, Snippet } from '../retrieval/snippet.ts';
import { isClosersOnly } from './chooseShape.ts';
import { gatherSnippets } from './gatherSnippets.ts';
import type { SnippetKeeper } from './keepSnippets.ts';
import type { PromptSizer } from './promptSizer.ts';
import type { PromptContext } from './readContext.ts';
import type { SuggestRequest } from './suggestRequest.ts';

export interface DraftPromptProps {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly retriever: Retriever;
  readonly keeper: SnippetKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly info: BaseModelInfo;
  readonly adapter: AdapterFile | undefined;
  readonly request: Omit<SuggestRequest, 'document' | 'offset'>;
  readonly context: PromptContext;
  /** Undefined: prompts are as long as the settings say, whatever the time that takes. */
  readonly sizer: PromptSizer | undefined;
}

export interface DraftPrompt {
  readonly prompt: Prompt;
  /** Tokens that the prompt was cut to; undefined when it is as long as the settings allow. */
  readonly shortenedTo: number | undefined;
  readonly retrieveMs: number;
  readonly promptMs: number;
}

export async function draftPrompt(props: DraftPromptProps, signal: AbortSignal): Promise<DraftPrompt> {
  const { clock, sizer, request } = props;
  const startMs = clock.monotonicMs();
  const snippets = await snippetsOf(props, signal);
  signal.throwIfAborted();
  const retrievedMs = clock.monotonicMs();
  const { maxPromptTokens } = request.settings;
  const build = (nTokens: number) => promptOf(props, snippets, nTokens);
  const { prompt, nTokens } =
    sizer === undefined
      ? { prompt: await build(maxPromptTokens), nTokens: maxPromptTokens }
      : await sizer.choose(build, { ...props, uri: request.uri, trigger: request.trigger, maxPromptTokens });
  signal.throwIfAborted();
  return {
    prompt,
    shortenedTo: nTokens < maxPromptTokens ? nTokens : undefined,
    retrieveMs: retrievedMs - startMs,
    promptMs: clock.monotonicMs() - retrievedMs,
  };
}

export function snippetsOf(props: DraftPromptProps, signal: AbortSignal): Promise<readonly Snippet[]> {
  const { request, context } = props;
  if (request.useRetrieval === false) return Promise.resolve([]);
  const { uri, path, languageId } = request;
  return gatherSnippets({ ...props, uri, path, languageId }, context, signal);
}

export function promptOf(
  { info, tokenizer, request, context }: DraftPromptProps,
  snippets: readonly Snippet[],
  nTokens: number,
): Promise<Prompt> {
  const isShort = nTokens < request.settings.maxPromptTokens;
  return buildPrompt(
    chooseFimFormat(info),
    {
      repoName: request.repoName,
      path: request.path,
      languageId: request.languageId,
      prefix: context.prefix,
      prefixOffset: context.windowStart,
      suffix: suffixOf(context),
      snippets,
    },
    { maxPromptTokens: nTokens, shares: isShort ? sharesInTime(nTokens) : defaultShares },
    tokenizer,
  );
}

/**
 * Editors put in a closer with each bracket and quote that is typed. It tells nothing, and in formats that begin with the
 * suffix all that follows would have to be read again; filters fit the text to it.
 */
function suffixOf({ suffix, lineSuffix }: PromptContext): string {
  return isClosersOnly(lineSuffix.trim()) ? suffix.slice(lineSuffix.length) : suffix;
}
