/** Chooses the size of each prompt: as long as the settings allow where most of it was read already, else what can be read in time. */

import type { AdapterFile, BaseModelInfo, Engine } from '../llama/engine.ts';
import type { Prompt } from '../prompt/promptParts.ts';
import { affordableTokens, stepDown } from './promptSize.ts';

export interface SizedFor {
  readonly engine: Engine;
  readonly info: BaseModelInfo;
  readonly adapter: AdapterFile | undefined;
  readonly uri: string;
  readonly trigger: 'automatic' | 'manual';
  readonly maxPromptTokens: number;
}

/** Who asks by a key waits so many times as long. */
const manualPatience = 2;
const usualNewTokens = 12;
const nDocuments = 16;

export class PromptSizer {
  readonly #targetMs: () => number;
  /** Tokens of the last prompt of each document, oldest first. */
  readonly #last = new Map<string, number>();
  #nNewTokens = usualNewTokens;

  /** @param targetMs from request to text; 0: prompts are never shortened. */
  constructor(targetMs: () => number) {
    this.#targetMs = targetMs;
  }

  /** What a suggestion had; later ones are expected to have about as much. */
  noteWritten(nNewTokens: number): void {
    this.#nNewTokens = 0.8 * this.#nNewTokens + 0.2 * nNewTokens;
  }

  /** @param build makes the prompt with at most so many tokens. */
  async choose(
    build: (nTokens: number) => Promise<Prompt>,
    given: SizedFor,
  ): Promise<{ readonly prompt: Prompt; readonly nTokens: number }> {
    const { maxPromptTokens, uri } = given;
    const targetMs = this.#targetMs() * (given.trigger === 'manual' ? manualPatience : 1);
    const nAffordable = targetMs <= 0 ? maxPromptTokens : this.#affordable(given, targetMs);
    // All at once: each is a question or two to the engine's process.
    const [full, ...shorter] = await Promise.all(
      this.#sizes(nAffordable, given).map(async (nTokens) => ({ nTokens, prompt: await build(nTokens) })),
    );
    if (full === undefined || shorter.length === 0 || full.prompt.tokens.length <= nAffordable)
      return full ?? { nTokens: maxPromptTokens, prompt: await build(maxPromptTokens) };
    const all = [full, ...shorter];
    const held = await given.engine.heldTokens(
      all.map(({ prompt }) => prompt.tokens),
      given.adapter,
    );
    const isInTime = ({ prompt }: (typeof all)[number], i: number) =>
      prompt.tokens.length - (held[i] ?? 0) <= nAffordable;
    const chosen = all.find(isInTime) ?? all.at(-1) ?? full;
    this.#last.delete(uri);
    this.#last.set(uri, chosen.nTokens);
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= nDocuments) break;
      this.#last.delete(oldest);
    }
    return chosen;
  }

  /** Tokens of a prompt that is read from its beginning in time. */
  sizeInTime(given: Pick<SizedFor, 'engine' | 'info' | 'maxPromptTokens'>): number {
    const targetMs = this.#targetMs();
    return targetMs <= 0
      ? given.maxPromptTokens
      : stepDown(this.#affordable(given, targetMs), given.maxPromptTokens);
  }

  #affordable({ engine, info }: Pick<SizedFor, 'engine' | 'info'>, targetMs: number): number {
    const { pace } = engine;
    return affordableTokens({ pace, modelBytes: info.sizeBytes, targetMs, nNewTokens: this.#nNewTokens });
  }

  /**
   * All that is allowed, the size of before, since its head may have been read, and the one that can be read from its
   * beginning; longest first, each once.
   */
  #sizes(nAffordable: number, { uri, maxPromptTokens }: SizedFor): number[] {
    const affordable = stepDown(nAffordable, maxPromptTokens);
    const last = Math.min(this.#last.get(uri) ?? affordable, maxPromptTokens);
    return [...new Set([maxPromptTokens, last, affordable])].sort((a, b) => b - a);
  }
}
