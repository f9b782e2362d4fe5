/** One trip to the model: snippets, prompt, generation with an early stop, filters. Knows no cache and no waiting. */

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { AdapterFile, BaseModelInfo, Engine, GenerateResult } from '../llama/engine.ts';
import { buildPrompt } from '../prompt/buildPrompt.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import { languageOf } from '../prompt/language.ts';
import type { Prompt } from '../prompt/promptParts.ts';
import { defaultShares } from '../prompt/tokenBudget.ts';
import type { Retriever, Snippet } from '../retrieval/snippet.ts';
import type { Shape } from './chooseShape.ts';
import { runFilters } from './filters/runFilters.ts';
import { findEnd } from './findEnd.ts';
import { gatherSnippets } from './gatherSnippets.ts';
import type { SnippetKeeper } from './keepSnippets.ts';
import type { NoneReason } from './noneReason.ts';
import type { PromptContext } from './readContext.ts';
import { startAtCursor } from './startAtCursor.ts';
import type { LatencyMs, SuggestRequest } from './suggestRequest.ts';

export interface GenerateProps {
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly keeper: SnippetKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly info: BaseModelInfo;
  readonly adapter: AdapterFile | undefined;
  readonly request: Omit<SuggestRequest, 'document' | 'offset'>;
  readonly context: PromptContext;
  readonly shape: Shape;
  readonly priority: 'foreground' | 'background';
  /** Sees the suggestion as it grows, with `\n` line ends; 'stop' ends it. */
  readonly onText: (text: string) => 'continue' | 'stop';
}

export type DraftResult =
  | {
      readonly kind: 'draft';
      /** With `\n` line ends. */
      readonly text: string;
      readonly replaceLength: number;
      readonly isCutByLength: boolean;
      readonly snippets: readonly Snippet[];
      readonly latencyMs: Omit<LatencyMs, 'debounce' | 'total'>;
    }
  | { readonly kind: 'none'; readonly reason: NoneReason; readonly snippets: readonly Snippet[] };

/** @throws IdiomError `engineFailed` when the engine dies, AbortError when aborted. */
export async function generateDraft(props: GenerateProps, signal: AbortSignal): Promise<DraftResult> {
  const { clock, context, request } = props;
  const startMs = clock.monotonicMs();
  const snippets =
    request.useRetrieval === false
      ? []
      : await gatherSnippets({ ...props, ...pathOf(request) }, context, signal);
  signal.throwIfAborted();
  const retrievedMs = clock.monotonicMs();
  const prompt = await buildPrompt(
    chooseFimFormat(props.info),
    {
      repoName: request.repoName,
      path: request.path,
      languageId: request.languageId,
      prefix: context.prefix,
      prefixOffset: context.windowStart,
      suffix: context.suffix,
      snippets,
    },
    { maxPromptTokens: request.settings.maxPromptTokens, shares: defaultShares },
    props.engine,
  );
  signal.throwIfAborted();
  const builtMs = clock.monotonicMs();
  const result = await generate(props, prompt, signal);
  if (result.stopReason === 'aborted') return { kind: 'none', reason: 'aborted', snippets: prompt.snippets };
  const generatedMs = clock.monotonicMs();
  const filtered = filter(props, prompt, result);
  if (filtered.kind === 'none') return { ...filtered, snippets: prompt.snippets };
  return {
    ...filtered,
    snippets: prompt.snippets,
    latencyMs: {
      retrieve: retrievedMs - startMs,
      prompt: builtMs - retrievedMs,
      queue: result.queueMs,
      prefill: result.prefillMs,
      decode: result.decodeMs,
      filter: clock.monotonicMs() - generatedMs,
    },
  };
}

const pathOf = ({ uri, path, languageId }: GenerateProps['request']) => ({ uri, path, languageId });

function generate(props: GenerateProps, prompt: Prompt, signal: AbortSignal): Promise<GenerateResult> {
  const { shape, context, request } = props;
  const endContext = { languageId: request.languageId, linePrefix: context.linePrefix };
  return props.engine.generate(
    {
      tokens: prompt.tokens,
      maxNewTokens: request.settings.maxNewTokens,
      stopTokens: prompt.stopTokens,
      stopTexts: prompt.stopTexts,
      adapter: props.adapter,
      priority: props.priority,
      onText(raw) {
        const text = startAtCursor(raw, prompt.heldBack, context);
        if (text === undefined) return 'stop';
        if (props.onText(text) === 'stop') return 'stop';
        return findEnd(text, shape, endContext, false) === undefined ? 'continue' : 'stop';
      },
    },
    signal,
  );
}

function filter(
  props: GenerateProps,
  prompt: Prompt,
  result: GenerateResult,
):
  | { readonly kind: 'none'; readonly reason: NoneReason }
  | { readonly kind: 'draft'; text: string; replaceLength: number; isCutByLength: boolean } {
  const text = startAtCursor(result.text, prompt.heldBack, props.context);
  if (text === undefined || text.trim() === '') return { kind: 'none', reason: 'emptyOutput' };
  const isCutByLength = result.stopReason === 'maxNewTokens';
  const filtered = runFilters(
    { text, replaceLength: 0 },
    {
      context: props.context,
      languageId: props.request.languageId,
      language: languageOf(props.request.languageId),
      shape: props.shape,
      trigger: props.request.trigger,
      isCutByLength,
    },
    props.logger,
  );
  if (filtered.kind === 'dropped') return { kind: 'none', reason: `filtered:${filtered.by}` };
  return { kind: 'draft', ...filtered.draft, isCutByLength };
}
