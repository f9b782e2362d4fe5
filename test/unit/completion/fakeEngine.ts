/** An engine that follows a script, for faults and timing; what a model writes is tested with a real one. */

import type {
  AdapterFile,
  BaseModelInfo,
  Engine,
  EngineState,
  GenerateRequest,
  GenerateResult,
  PrefillRequest,
  StopReason,
} from '../../../server/llama/engine.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import type { EnginePace } from '../../../server/llama/enginePace.ts';
import { commonPrefixLength } from '../../../server/llama/kvSlots.ts';
import { FakeTokenizer } from '../prompt/fakeTokenizer.ts';

const info: BaseModelInfo = {
  path: '/models/fake.gguf',
  digest: 'model1',
  architecture: 'llama',
  name: 'fake',
  sizeBytes: 1,
  trainContextTokens: 2048,
  specialTokens: { '<repo_name>': 3, '<file_sep>': 5, '<|endoftext|>': 0 },
  endTokens: [0],
  device: 'cpu',
};

/** A running generation that the test writes into. */
export interface Running {
  readonly request: GenerateRequest;
  readonly signal: AbortSignal;
  /** Text is appended; returns what the caller of the engine answered. */
  write(text: string): 'continue' | 'stop';
  finish(stopReason?: StopReason): void;
  fail(error: Error): void;
}

export class FakeEngine implements Engine {
  state: EngineState = { kind: 'ready', info };
  readonly runs: Running[] = [];
  readonly tokenizer = new FakeTokenizer();
  /** Set: every generation writes this at once and ends. */
  answer: string | undefined;
  pace: EnginePace | undefined;
  /** Prompts that were read only. */
  readonly reads: PrefillRequest[] = [];
  /** Set: reading takes for ever. */
  isReading = false;
  nReadsAborted = 0;
  /** Prompts that a KV cache has. */
  held: readonly (readonly number[])[] = [];

  get prompts(): string[] {
    return this.runs.map((run) => this.tokenizer.read(run.request.tokens, info.specialTokens));
  }

  get adapters(): (AdapterFile | undefined)[] {
    return this.runs.map((run) => run.request.adapter);
  }

  get nAborted(): number {
    return this.runs.filter((run) => run.signal.aborted).length;
  }

  readonly #states = new Emitter<EngineState>();

  onState(listener: (state: EngineState) => void) {
    return this.#states.on(listener);
  }

  becomeReady(): void {
    this.become({ kind: 'ready', info });
  }

  become(state: EngineState): void {
    this.state = state;
    this.#states.fire(state);
  }

  load = () => Promise.resolve(info);
  ready = () => Promise.resolve(info);
  tokenize = (texts: readonly string[]) => this.tokenizer.tokenize(texts);
  detokenize = (tokens: readonly number[]) => Promise.resolve(this.tokenizer.read(tokens, {}));
  dispose = () => undefined;

  prefill(request: PrefillRequest, signal: AbortSignal): Promise<'done'> {
    this.reads.push(request);
    signal.addEventListener('abort', () => this.nReadsAborted++, { once: true });
    if (!this.isReading) return Promise.resolve('done');
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    );
  }

  heldTokens(prompts: readonly (readonly number[])[]): Promise<number[]> {
    return Promise.resolve(
      prompts.map((prompt) => Math.max(0, ...this.held.map((each) => commonPrefixLength(each, prompt)))),
    );
  }

  generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult> {
    const { promise, resolve, reject } = Promise.withResolvers<GenerateResult>();
    let text = '';
    let isStopped = false;
    const finish = (stopReason: StopReason = isStopped ? 'caller' : 'endToken'): void =>
      resolve({
        text,
        stopReason,
        nPromptTokens: request.tokens.length,
        nReusedTokens: 0,
        nNewTokens: text.length,
        queueMs: 1,
        prefillMs: 2,
        decodeMs: 3,
      });
    const run: Running = {
      request,
      signal,
      write(more) {
        text += more;
        const verdict = request.onText?.(text) ?? 'continue';
        isStopped ||= verdict === 'stop';
        return verdict;
      },
      finish,
      fail: reject,
    };
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    this.runs.push(run);
    if (this.answer !== undefined) {
      for (const char of this.answer) if (!isStopped) run.write(char);
      finish();
    }
    return promise;
  }
}
