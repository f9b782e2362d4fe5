/** Requests under way to the engine child: numbers them, matches replies, streams text, cancels. */

import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { IdiomError } from '../base/errors.ts';
import type { GenerateRequest, GenerateResult } from './engine.ts';
import type { FromEngine, Generated, ToEngine } from './engineMessages.ts';
import { RequestQueue } from './requestQueue.ts';

export interface EngineCounters {
  readonly nRequests: number;
  readonly nAborted: number;
  /** Prompt tokens that were computed. */
  readonly nComputedTokens: number;
  /** Prompt tokens that were found in the KV cache. */
  readonly nReusedTokens: number;
  readonly nNewTokens: number;
}

type Reply = Exclude<FromEngine, { type: 'progress' | 'log' | 'text' | 'failed' }>;

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  readonly onText?: ((added: string) => void) | undefined;
}

interface Generation {
  readonly priority: 'foreground' | 'background';
  readonly request: GenerateRequest;
  readonly queuedAtMs: number;
  readonly resolve: (result: GenerateResult) => void;
  readonly reject: (error: unknown) => void;
  id: number | undefined;
  startedAtMs: number;
  text: string;
  /** Text at which the caller said stop. */
  stoppedText: string | undefined;
  /** Runs from its cancel on. */
  watch: Disposable | undefined;
}

/** A cancelled request ends within a slice; a child that does not answer for so long hangs, in a GPU driver for example. */
const hungAfterMs = 60_000;

export interface EngineRequestsOptions {
  readonly clock: Clock;
  readonly send: (message: ToEngine) => void;
  /** The child does not react to a cancel; what waits for it would wait for ever. */
  readonly onHung: () => void;
  /** Of each request that came to an end, the aborted ones included. */
  readonly onGenerated: (value: Generated) => void;
}

export class EngineRequests {
  readonly #clock: Clock;
  readonly #onHung: () => void;
  readonly #onGenerated: (value: Generated) => void;
  readonly #send: (message: ToEngine) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #queue: RequestQueue<Generation>;
  #nextId = 1;
  #counters: EngineCounters = {
    nRequests: 0,
    nAborted: 0,
    nComputedTokens: 0,
    nReusedTokens: 0,
    nNewTokens: 0,
  };

  constructor(options: EngineRequestsOptions) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#onHung = options.onHung;
    this.#onGenerated = options.onGenerated;
    this.#queue = new RequestQueue<Generation>({
      start: (generation) => void this.#run(generation),
      interrupt: (generation) => this.#cancel(generation),
    });
  }

  get counters(): EngineCounters {
    return this.#counters;
  }

  /** Sends a message and resolves with its reply. @throws the child's IdiomError, or that of `rejectAll`. */
  ask(make: (id: number) => ToEngine, onText?: (added: string) => void): Promise<Reply> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#pending.set(id, { resolve, reject, onText });
    this.#send(make(id));
    return promise;
  }

  receive(message: Exclude<FromEngine, { type: 'progress' | 'log' }>): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.type === 'text') {
      pending.onText?.(message.added);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type !== 'failed') pending.resolve(message);
    else {
      const { code, message: sentence, remedy } = message;
      pending.reject(new IdiomError(code, sentence, remedy === undefined ? {} : { remedy }));
    }
  }

  generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult> {
    const { promise, resolve, reject } = Promise.withResolvers<GenerateResult>();
    const generation: Generation = {
      priority: request.priority,
      request,
      queuedAtMs: this.#clock.monotonicMs(),
      resolve,
      reject,
      id: undefined,
      startedAtMs: 0,
      text: '',
      stoppedText: undefined,
      watch: undefined,
    };
    const subscription: Disposable = onAbort(signal, () => {
      if (!this.#queue.remove(generation)) this.#cancel(generation);
      reject(signal.reason);
    });
    this.#queue.add(generation);
    return promise.finally(() => subscription.dispose());
  }

  /** The child is gone: nothing of what was asked will be answered. */
  rejectAll(error: IdiomError): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const generation of this.#queue.clear()) generation.reject(error);
    for (const request of pending) request.reject(error);
  }

  async #run(generation: Generation): Promise<void> {
    const { request } = generation;
    generation.startedAtMs = this.#clock.monotonicMs();
    try {
      const reply = await this.ask(
        (id) => {
          generation.id = id;
          return generateMessage(id, request);
        },
        (added) => this.#onText(generation, added),
      );
      if (reply.type !== 'generated') {
        throw new IdiomError('internal', `The engine answered with "${reply.type}".`);
      }
      this.#count(reply.value);
      generation.resolve(resultOf(generation, reply.value));
    } catch (error) {
      generation.reject(error);
    } finally {
      generation.watch?.dispose();
      this.#queue.finish(generation);
    }
  }

  #onText(generation: Generation, added: string): void {
    if (generation.stoppedText !== undefined) return;
    generation.text += added;
    try {
      if (generation.request.onText?.(generation.text) !== 'stop') return;
    } catch (error) {
      generation.reject(error);
    }
    generation.stoppedText = generation.text;
    this.#cancel(generation);
  }

  #cancel(generation: Generation): void {
    if (generation.id === undefined || this.#queue.running !== generation) return;
    this.#send({ type: 'cancel', id: generation.id });
    generation.watch ??= this.#clock.setTimer(hungAfterMs, this.#onHung);
  }

  #count(value: Generated): void {
    const old = this.#counters;
    this.#counters = {
      nRequests: old.nRequests + 1,
      nAborted: old.nAborted + (value.stopReason === 'aborted' ? 1 : 0),
      nComputedTokens: old.nComputedTokens + value.nComputedTokens,
      nReusedTokens: old.nReusedTokens + value.nReusedTokens,
      nNewTokens: old.nNewTokens + value.nNewTokens,
    };
    this.#onGenerated(value);
  }
}

function generateMessage(id: number, request: GenerateRequest): ToEngine {
  const { tokens, maxNewTokens, stopTokens, stopTexts, adapter } = request;
  return {
    type: 'generate',
    id,
    tokens: [...tokens],
    maxNewTokens,
    stopTokens: [...stopTokens],
    stopTexts: [...stopTexts],
    streams: request.onText !== undefined,
    ...(adapter === undefined ? {} : { adapter }),
  };
}

function resultOf(generation: Generation, value: Generated): GenerateResult {
  const { nPromptTokens, nReusedTokens, nNewTokens, prefillMs, decodeMs } = value;
  const { stoppedText } = generation;
  return {
    text: stoppedText ?? value.text,
    stopReason: stoppedText === undefined ? value.stopReason : 'caller',
    nPromptTokens,
    nReusedTokens,
    nNewTokens,
    queueMs: generation.startedAtMs - generation.queuedAtMs,
    prefillMs,
    decodeMs,
  };
}
