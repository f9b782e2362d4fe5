/** Reads the prompt of what may be asked next, in the background: first what would be in time, then all that the settings allow. */

import { promptOf, snippetsOf } from './draftPrompt.ts';
import type { DraftPromptProps } from './draftPrompt.ts';

/** Resolves when it is read, or when a foreground request came first. @throws AbortError when aborted. */
export async function warmPrompt(props: DraftPromptProps, signal: AbortSignal): Promise<void> {
  const { engine, adapter, request, sizer } = props;
  const snippets = await snippetsOf(props, signal);
  const { maxPromptTokens } = request.settings;
  const first = sizer?.sizeInTime({ ...props, maxPromptTokens }) ?? maxPromptTokens;
  for (const nTokens of new Set([first, maxPromptTokens])) {
    const { tokens } = await promptOf(props, snippets, nTokens);
    signal.throwIfAborted();
    const end = await engine.prefill({ tokens, adapter, priority: 'background' }, signal);
    if (end === 'interrupted') return;
  }
}
