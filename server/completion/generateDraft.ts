/** One trip to the model: snippets, prompt, generation with an early stop, filters. Knows no cache and no waiting. */

import type { GenerateResult } from '../llama/engine.ts';
import { languageOf } from '../prompt/language.ts';
import type { Prompt } from '../prompt/promptParts.ts';
import type { Snippet } from '../retrieval/snippet.ts';
import type { Shape } from './chooseShape.ts';
import { draftPrompt } from './draftPrompt.ts';
import type { DraftPromptProps } from './draftPrompt.ts';
import { runFilters } from './filters/runFilters.ts';
import { findEnd } from './findEnd.ts';
import type { Gate } from './gate.ts';
import type { NoneReason } from './noneReason.ts';
import { startAtCursor } from './startAtCursor.ts';
import type { LatencyMs } from './suggestRequest.ts';

export interface GenerateProps extends DraftPromptProps {
  readonly shape: Shape;
  readonly priority: 'foreground' | 'background';
  /** Opens when text may be written; the prompt is read before that. */
  readonly mayWrite: Gate;
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
      /** Tokens that the prompt was cut to, to be in time. */
      readonly shortenedTo: number | undefined;
      readonly latencyMs: Omit<LatencyMs, 'debounce' | 'total'>;
    }
  | { readonly kind: 'none'; readonly reason: NoneReason; readonly snippets: readonly Snippet[] };

/** @throws IdiomError `engineFailed` when the engine dies, AbortError when aborted. */
export async function generateDraft(props: GenerateProps, signal: AbortSignal): Promise<DraftResult> {
  const { clock } = props;
  const { prompt, shortenedTo, retrieveMs, promptMs } = await draftPrompt(props, signal);
  const readMs = await readUntilWriting(props, prompt, signal);
  const result = await generate(props, prompt, signal);
  if (result.stopReason === 'aborted') return { kind: 'none', reason: 'aborted', snippets: prompt.snippets };
  props.sizer?.noteWritten(result.nNewTokens);
  const generatedMs = clock.monotonicMs();
  const filtered = filter(props, prompt, result);
  if (filtered.kind === 'none') return { ...filtered, snippets: prompt.snippets };
  return {
    ...filtered,
    snippets: prompt.snippets,
    shortenedTo,
    latencyMs: {
      retrieve: retrieveMs,
      prompt: promptMs,
      queue: result.queueMs,
      prefill: readMs + result.prefillMs,
      decode: result.decodeMs,
      filter: clock.monotonicMs() - generatedMs,
    },
  };
}

/**
 * Until text may be written the prompt is read: most of it is what the next key's request needs too.
 * @returns how long that took beyond the wait, in milliseconds.
 */
async function readUntilWriting(
  { engine, adapter, priority, mayWrite, clock }: GenerateProps,
  { tokens }: Prompt,
  signal: AbortSignal,
): Promise<number> {
  if (mayWrite.openedAtMs !== undefined) return 0;
  await engine.prefill({ tokens, adapter, priority }, signal);
  const readAtMs = clock.monotonicMs();
  await mayWrite.passed(signal);
  return Math.max(0, readAtMs - (mayWrite.openedAtMs ?? readAtMs));
}

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
      maxLines: props.request.settings.maxLines ?? 0,
      isCutByLength,
    },
    props.logger,
  );
  if (filtered.kind === 'dropped') return { kind: 'none', reason: `filtered:${filtered.by}` };
  return { kind: 'draft', ...filtered.draft, isCutByLength };
}
