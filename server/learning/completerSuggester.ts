/** A suggester for judgements over the completer that serves editors: same prompts, same filters, same retrieval. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import { Completer } from '../completion/completer.ts';
import { fixedRouter } from '../completion/route.ts';
import type { Suggester } from '../evaluation/judgedCase.ts';
import type { AdapterFile, Engine } from '../llama/engine.ts';
import { languageOfPath } from '../prompt/languageOfPath.ts';
import type { Retriever } from '../retrieval/snippet.ts';

export interface CompleterSuggesterProps {
  readonly engine: Engine;
  /** Sees what the cases may see. */
  readonly retriever: Retriever;
  readonly repoName: string;
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Nobody waits at a keyboard for a judgement. */
const maxWaitMs = 600_000;

/** Suggests single lines, one request at a time. */
export function createCompleterSuggester(props: CompleterSuggesterProps): Suggester & Disposable {
  const { engine, retriever, clock, logger, repoName, maxPromptTokens, maxNewTokens } = props;
  let adapterInUse: AdapterFile | undefined;
  let nAsked = 0;
  const completer = new Completer({
    ...{ engine, retriever, clock, logger, maxWaitMs },
    router: fixedRouter(() => adapterInUse),
    newId: randomUUID,
  });
  return {
    async suggest({ path, prefix, suffix, useRetrieval = true }, adapter, signal) {
      adapterInUse = adapter;
      const text = prefix + suffix;
      const startMs = clock.monotonicMs();
      const result = await completer.suggest(
        {
          // Every case is a document of its own, so that none sees what another one left in a cache.
          uri: `idiom-judge:${++nAsked}/${path}`,
          ...{ path, repoName, useRetrieval, version: 1, trigger: 'manual', isIgnored: false },
          languageId: languageOfPath(path),
          document: { length: text.length, slice: (start, end) => text.slice(start, end) },
          offset: prefix.length,
          isMultilineAllowed: false,
          settings: {
            ...{ isEnabled: true, disabledLanguages: [], debounceMs: 0, maxPromptTokens, maxNewTokens },
          },
        },
        signal,
      );
      // An aborted request is a value to the completer, and no case's answer.
      signal.throwIfAborted();
      if (result.kind === 'none') return { text: '', latencyMs: clock.monotonicMs() - startMs };
      const { total, queue } = result.latencyMs;
      // Waiting for an editor's request is nobody's fault.
      return { text: result.text, latencyMs: total - queue };
    },
    dispose: () => completer.dispose(),
  };
}
