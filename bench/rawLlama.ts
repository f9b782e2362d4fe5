/** node-llama-cpp as its own documentation shows it, without anything of Idiom: what the engine is compared with. */

import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';

export interface RawRun {
  readonly nNewTokens: number;
  readonly text: string;
  /** Until the first new token. */
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/** One model, one context, one sequence, in this process. */
export class RawLlama {
  readonly #model: LlamaModel;
  readonly #context: LlamaContext;
  readonly #sequence: LlamaContextSequence;

  private constructor(model: LlamaModel, context: LlamaContext) {
    this.#model = model;
    this.#context = context;
    this.#sequence = context.getSequence();
  }

  static async open(modelPath: string, contextTokens: number): Promise<RawLlama> {
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
    });
    const model = await llama.loadModel({ modelPath });
    // As many threads as Idiom's engine takes. The package's own minimum of 4 stalls on a machine with 2 cores.
    const threads = Math.min(8, llama.cpuMathCores);
    return new RawLlama(model, await model.createContext({ contextSize: contextTokens, threads }));
  }

  tokenize(text: string): number[] {
    return this.#model.tokenize(text, false);
  }

  detokenize(tokens: readonly number[]): string {
    return this.#model.detokenize(tokens as Token[]);
  }

  /** Greedy, from an empty KV cache, `nNewTokens` tokens whatever they are. */
  async generate(tokens: readonly number[], nNewTokens: number): Promise<RawRun> {
    await this.#sequence.clearHistory();
    const startMs = performance.now();
    let firstMs = startMs;
    const produced: Token[] = [];
    const greedy = { temperature: 0, yieldEogToken: true };
    for await (const token of this.#sequence.evaluate(tokens as Token[], greedy)) {
      if (produced.length === 0) firstMs = performance.now();
      produced.push(token);
      if (produced.length >= nNewTokens) break;
    }
    const endMs = performance.now();
    return {
      nNewTokens: produced.length,
      text: this.#model.detokenize(produced),
      prefillMs: firstMs - startMs,
      decodeMs: endMs - firstMs,
    };
  }

  /** Negative log-likelihood of each token of `middle` after `prompt`, in nats. */
  async score(prompt: readonly number[], middle: readonly number[]): Promise<number[]> {
    await this.#sequence.clearHistory();
    const scoredFrom = prompt.length - 1;
    const tokens = [...prompt, ...middle.slice(0, -1)] as Token[];
    const outputs = await this.#sequence.controlledEvaluate(
      tokens.map((token, i) => (i < scoredFrom ? token : [token, { generateNext: { probabilities: true } }])),
    );
    return middle.map((token, i) => surprise(outputs[scoredFrom + i]?.next.probabilities, token as Token));
  }

  async dispose(): Promise<void> {
    await this.#context.dispose();
    await this.#model.dispose();
  }
}

/** In nats. */
function surprise(probabilities: ReadonlyMap<Token, number> | undefined, token: Token): number {
  const own = probabilities?.get(token);
  if (own === undefined) throw new Error('llama.cpp gave no probabilities.');
  return -Math.log(Math.max(own, Number.MIN_VALUE));
}
