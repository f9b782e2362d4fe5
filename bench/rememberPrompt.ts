/** An engine that also tells what it was last asked to go on from. */

import type { Engine } from '../server/llama/engine.ts';
import { withGenerate } from './withGenerate.ts';

export interface RememberedPrompt {
  readonly engine: Engine;
  /** Empty where the model was not asked. */
  readonly promptTokens: readonly number[];
  forget(): void;
}

export function rememberPrompt(engine: Engine): RememberedPrompt {
  let promptTokens: readonly number[] = [];
  const remembering = withGenerate(engine, (request, signal) => {
    promptTokens = request.tokens;
    return engine.generate(request, signal);
  });
  return {
    engine: remembering,
    get promptTokens() {
      return promptTokens;
    },
    forget: () => void (promptTokens = []),
  };
}
