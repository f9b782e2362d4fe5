/** An engine that also tells what it was last asked to go on from. */

import type { Engine } from '../server/llama/engine.ts';

export interface RememberedPrompt {
  readonly engine: Engine;
  /** Empty where the model was not asked. */
  readonly promptTokens: readonly number[];
  forget(): void;
}

export function rememberPrompt(engine: Engine): RememberedPrompt {
  let promptTokens: readonly number[] = [];
  const remembering: Engine = {
    get state() {
      return engine.state;
    },
    onState: (listener) => engine.onState(listener),
    load: (path) => engine.load(path),
    ready: (signal) => engine.ready(signal),
    tokenize: (texts) => engine.tokenize(texts),
    detokenize: (tokens) => engine.detokenize(tokens),
    generate(request, signal) {
      promptTokens = request.tokens;
      return engine.generate(request, signal);
    },
    dispose: () => engine.dispose(),
  };
  return {
    engine: remembering,
    get promptTokens() {
      return promptTokens;
    },
    forget: () => void (promptTokens = []),
  };
}
