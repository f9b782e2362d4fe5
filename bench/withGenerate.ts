/** An engine whose generations go another way; for measurements that watch them. */

import type { Engine } from '../server/llama/engine.ts';

/** All but `generate` is the engine's own; disposing of it is left to whoever made the engine. */
export function withGenerate(engine: Engine, generate: Engine['generate']): Engine {
  return {
    get state() {
      return engine.state;
    },
    onState: (listener) => engine.onState(listener),
    load: (path) => engine.load(path),
    ready: (signal) => engine.ready(signal),
    tokenize: (texts) => engine.tokenize(texts),
    detokenize: (tokens) => engine.detokenize(tokens),
    generate,
    prefill: (request, signal) => engine.prefill(request, signal),
    heldTokens: (prompts, adapter) => engine.heldTokens(prompts, adapter),
    get pace() {
      return engine.pace;
    },
    dispose: () => undefined,
  };
}
