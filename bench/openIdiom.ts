/** Idiom's engine and completer on a base model, without editor, daemon or retrieval, and what the engine was asked. */

import { systemClock } from '../server/base/clock.ts';
import { neverAborts } from '../server/base/abort.ts';
import { silentLogger } from '../server/base/logger.ts';
import { languageOfPath } from '../server/prompt/languageOfPath.ts';
import { Completer } from '../server/completion/completer.ts';
import { fixedRouter } from '../server/completion/route.ts';
import type { SuggestRequest, SuggestResult } from '../server/completion/suggestRequest.ts';
import type { Engine, GenerateRequest, GenerateResult } from '../server/llama/engine.ts';
import { EngineProcess } from '../server/llama/engineProcess.ts';
import type { EngineProcessOptions } from '../server/llama/engineProcess.ts';
import { noRetrieval } from '../server/retrieval/snippet.ts';
import { withGenerate } from './withGenerate.ts';

export interface Generation {
  readonly request: GenerateRequest;
  readonly result: GenerateResult;
}

export interface Place {
  readonly uri: string;
  readonly path: string;
  readonly repoName: string;
  readonly prefix: string;
  readonly suffix: string;
  /** Default: manual, so that nothing is refused for where the cursor stands. */
  readonly trigger?: 'automatic' | 'manual';
}

export interface Asked {
  readonly suggestion: SuggestResult;
  /** What the engine did for it; undefined when it was not asked. */
  readonly generation: Generation | undefined;
  /** From the call to the answer. */
  readonly totalMs: number;
}

export interface OpenIdiom {
  readonly engine: EngineProcess;
  /** Asks as an editor does after a keystroke, but without a wait before. */
  ask(place: Place): Promise<Asked>;
  dispose(): void;
}

/** Longest prompt of the benchmarks, in tokens: that of the setting's default would take the most time and show no more. */
const maxPromptTokens = 512;
const maxNewTokens = 32;
const contextTokens = 1024;

export async function openIdiom(
  modelPath: string,
  engineOptions: Partial<EngineProcessOptions> = {},
): Promise<OpenIdiom> {
  const engine = new EngineProcess({
    clock: systemClock,
    logger: silentLogger,
    gpu: 'off',
    threads: 0,
    contextTokens,
    ...engineOptions,
  });
  await engine.load(modelPath);
  const generations: Generation[] = [];
  let nIds = 0;
  const completer = new Completer({
    engine: recording(engine, (generation) => generations.push(generation)),
    retriever: noRetrieval,
    router: fixedRouter(() => undefined),
    clock: systemClock,
    logger: silentLogger,
    newId: () => `bench-${++nIds}`,
    maxWaitMs: 120_000,
  });
  return {
    engine,
    async ask(place) {
      generations.length = 0;
      const startMs = performance.now();
      const suggestion = await completer.suggest(requestOf(place), neverAborts);
      return { suggestion, generation: generations[0], totalMs: performance.now() - startMs };
    },
    dispose() {
      completer.dispose();
      engine.dispose();
    },
  };
}

function requestOf({ uri, path, repoName, prefix, suffix, trigger = 'manual' }: Place): SuggestRequest {
  const text = prefix + suffix;
  return {
    uri,
    path,
    repoName,
    languageId: languageOfPath(path),
    document: { length: text.length, slice: (start, end) => text.slice(start, end) },
    offset: prefix.length,
    version: 1,
    trigger,
    isMultilineAllowed: false,
    isIgnored: false,
    settings: { isEnabled: true, disabledLanguages: [], maxPromptTokens, maxNewTokens, debounceMs: 0 },
  };
}

/** The same engine, telling of each generation that came to its end. */
function recording(engine: Engine, onGenerated: (generation: Generation) => void): Engine {
  return withGenerate(engine, async (request, signal) => {
    const result = await engine.generate(request, signal);
    onGenerated({ request, result });
    return result;
  });
}
