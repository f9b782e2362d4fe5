/** What the rest of the daemon sees of the engine child; node-llama-cpp itself is known to engineChild.ts alone. */

import type { Disposable } from '../base/disposable.ts';
import type { EnginePace } from './enginePace.ts';

/**
 * A LoRA adapter as a GGUF file. The digest, SHA-256 of the file in hex, identifies it in caches and is checked when the
 * adapter is first used; the path is only where it lies now.
 */
export interface AdapterFile {
  readonly digest: string;
  readonly path: string;
  /**
   * It serves an editor for long, so that a copy of the base model with it merged in is worth making (mergedCopies.ts).
   * Without this it is used as it is, as measurements want it.
   */
  readonly mayMerge?: boolean | undefined;
}

export interface BaseModelInfo {
  readonly path: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  /** `general.architecture` of the GGUF, for example "llama" or "qwen2". */
  readonly architecture: string;
  /** `general.name` of the GGUF, or the file name. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Longest context the model was trained for, in tokens. */
  readonly trainContextTokens: number;
  /** Ids of the special tokens that FIM formats name, for example "<|fim_prefix|>"; absent ones are left out. */
  readonly specialTokens: Readonly<Record<string, number>>;
  /** Tokens that end generation by themselves. */
  readonly endTokens: readonly number[];
  /** Token that this model wants before everything else; undefined for most code models. */
  readonly startToken?: number | undefined;
  /** Longest prompt plus new text that a request may have; what the engine was told, at most `trainContextTokens`. */
  readonly contextTokens?: number | undefined;
  /** "cpu", "vulkan", "metal", "cuda". */
  readonly device: string;
  /** A sentence for the user about how it was loaded, for example that the GPU could not be used. */
  readonly notice?: string | undefined;
}

export interface GenerateRequest {
  readonly tokens: readonly number[];
  readonly maxNewTokens: number;
  /** Generation ends before the first of these tokens; they are not part of the text. */
  readonly stopTokens: readonly number[];
  /** Generation ends at the first of these texts, which is cut off together with what follows. */
  readonly stopTexts: readonly string[];
  /** Undefined: the base model alone. */
  readonly adapter: AdapterFile | undefined;
  /** A foreground request interrupts a running background one (prefetch), which then resolves as `aborted`. */
  readonly priority: 'foreground' | 'background';
  /** Called with the whole text so far after each token; 'stop' ends generation with stopReason `caller`. */
  readonly onText?: ((text: string) => 'continue' | 'stop') | undefined;
}

/** A prompt of which only keys and values are wanted. */
export type PrefillRequest = Pick<GenerateRequest, 'tokens' | 'adapter' | 'priority'>;

export type StopReason = 'endToken' | 'stopText' | 'maxNewTokens' | 'caller' | 'aborted';

export interface GenerateResult {
  readonly text: string;
  readonly stopReason: StopReason;
  readonly nPromptTokens: number;
  /** Prompt tokens that were already in the KV cache and were not computed again. */
  readonly nReusedTokens: number;
  /** New tokens whose text was produced, without the token that ended it. */
  readonly nNewTokens: number;
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

export type EngineState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly info: BaseModelInfo }
  /** Died; a new child starts after `retryInMs`. */
  | { readonly kind: 'restarting'; readonly reason: string; readonly retryInMs: number }
  /** Will not start again by itself. `reason` and `remedy` are sentences. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly reason: string;
      readonly remedy: string | undefined;
    };

export interface ScoreRequest {
  readonly tokens: readonly number[];
  /** First token whose likelihood is wanted, at least 1. */
  readonly from: number;
  /** Undefined: the base model alone. */
  readonly adapter: AdapterFile | undefined;
}

/**
 * One loaded base model in a child process. Requests run one at a time, newest foreground first.
 * Every method rejects with IdiomError `engineFailed` when the child dies meanwhile or no model is ready, and with
 * AbortError at once when aborted; an aborted request stops computing within 64 prompt tokens (512 on a GPU) or one new
 * token. `generate` rejects with `adapterBroken` when the adapter can't be used; the engine lives on.
 */
export interface Engine extends Disposable {
  readonly state: EngineState;
  onState(listener: (state: EngineState) => void): Disposable;
  /**
   * Loads this model; another one that is loaded is unloaded first. Resolves when ready.
   * @throws IdiomError `modelMissing`, `modelBroken`, `modelUnsupported`, `modelTooLarge` or `engineFailed`.
   */
  load(path: string): Promise<BaseModelInfo>;
  /** Resolves when a model is ready, rejects at once in state `failed` or `stopped`. */
  ready(signal: AbortSignal): Promise<BaseModelInfo>;
  /** Token ids of plain text, one array a text; special tokens in the text are not interpreted. */
  tokenize(texts: readonly string[]): Promise<number[][]>;
  detokenize(tokens: readonly number[]): Promise<string>;
  generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult>;
  /**
   * Reads a prompt into the KV cache, all but its last token. `interrupted`: a foreground request came first. What was
   * read stays, also when it is aborted: a later request with the same beginning goes on from there.
   */
  prefill(request: PrefillRequest, signal: AbortSignal): Promise<'done' | 'interrupted'>;
  /** Of each prompt, how many tokens from its beginning need not be read again. */
  heldTokens(prompts: readonly (readonly number[])[], adapter: AdapterFile | undefined): Promise<number[]>;
  /** As measured lately, or before the last restart; undefined when nothing was. */
  readonly pace: EnginePace | undefined;
}

/** An engine that also tells how likely given tokens are, for evaluation. */
export interface ScoringEngine extends Engine {
  /**
   * Negative log-likelihood in nats of each token from `from` on. Other requests run between its slices of the prompt.
   * @throws IdiomError and AbortError as `generate` does.
   */
  score(request: ScoreRequest, signal: AbortSignal): Promise<number[]>;
}
