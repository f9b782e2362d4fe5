/** llama.cpp contexts, one for the base model and one for each adapter in use, with their KV slots. Sends no messages. */

import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { checkAdapter } from './checkAdapter.ts';
import type { AdapterFile } from './engine.ts';
import type { LoadOptions } from './engineMessages.ts';
import type { Sequence } from './generateText.ts';
import type { ScoredSequence } from './scoreTokens.ts';
import { chooseSlot, commonPrefixLength } from './kvSlots.ts';
import type { NativeLog } from './llamaRuntime.ts';
import type { MergedCopies } from './mergedCopies.ts';
import type { ThreadGovernor } from './threadGovernor.ts';

interface Slot {
  readonly llamaSequence: LlamaContextSequence;
  /** What the KV cache holds. */
  tokens: readonly number[];
  lastUse: number;
}

/** KV caches are never shared between contexts, so never between adapters. */
interface SlotContext {
  readonly context: LlamaContext;
  readonly slots: readonly Slot[];
  /** Undefined: of the base model, or of a copy of it that has an adapter merged in. */
  readonly adapterPath: string | undefined;
  lastUse: number;
}

interface ContextModel {
  readonly model: LlamaModel;
  readonly adapterPath: string | undefined;
}

const mergedPrefix = 'merged ';

export interface SlotContextsOptions {
  readonly llama: Llama;
  readonly model: LlamaModel;
  /** Undefined: adapters are never merged. */
  readonly merged: MergedCopies | undefined;
  readonly options: LoadOptions;
  readonly log: NativeLog;
  /** Longest prompt plus new text of a slot. */
  readonly contextTokens: number;
  /** Most tokens that are computed in one go. */
  readonly sliceTokens: number;
  readonly nThreads: number;
  /** Undefined: the number of threads stays. */
  readonly governor: ThreadGovernor | undefined;
}

export interface SlotContexts {
  /**
   * The sequence that has most of this prompt in its KV cache, of the base model or with the adapter.
   * @throws IdiomError `adapterBroken` when the adapter can't be used; everything else stays as it was.
   */
  sequenceFor(
    tokens: readonly number[],
    adapter: AdapterFile | undefined,
  ): Promise<Sequence & ScoredSequence>;
  /** Of each prompt, how many tokens from its beginning one of the slots holds. Makes no context. */
  heldTokens(prompts: readonly (readonly number[])[], adapter: AdapterFile | undefined): number[];
}

/** Makes the base model's context at once; those of adapters when they are first used, the oldest makes room. */
export async function createSlotContexts(needs: SlotContextsOptions): Promise<SlotContexts> {
  const base = await createSlotContext(needs, { model: needs.model, adapterPath: undefined });
  /** By adapter digest, or with `mergedPrefix`. */
  const adapted = new Map<string, SlotContext>();
  let useCounter = 0;

  async function contextFor(adapter: AdapterFile | undefined): Promise<SlotContext> {
    if (adapter === undefined) return base;
    const merged = adapter.mayMerge === true ? await mergedContextFor(adapter) : undefined;
    return merged ?? adapted.get(adapter.digest) ?? (await makeAdaptedContext(adapter));
  }

  /** Undefined as long as there is no copy of the base model with this adapter merged in, and where it gets no context. */
  async function mergedContextFor(adapter: AdapterFile): Promise<SlotContext | undefined> {
    const key = mergedPrefix + adapter.digest;
    const model = await needs.merged?.modelOf(adapter);
    const known = adapted.get(key);
    if (model !== undefined && known !== undefined) return known;
    // One whose copy turned out to be damaged goes.
    await drop(model === undefined ? key : adapter.digest);
    if (model === undefined) return undefined;
    await makeRoom();
    try {
      return await add(key, { model, adapterPath: undefined });
    } catch (error) {
      await needs.merged?.giveUp(adapter.digest, needs.log.explain(error));
      return undefined;
    }
  }

  async function makeAdaptedContext(adapter: AdapterFile): Promise<SlotContext> {
    await checkAdapterDigest(adapter);
    for (const [key, other] of adapted) {
      // node-llama-cpp remembers adapters by path; another content there needs the old one gone.
      if (other.adapterPath === adapter.path) await drop(key);
    }
    await makeRoom();
    try {
      return await add(adapter.digest, { model: needs.model, adapterPath: adapter.path });
    } catch (error) {
      throw await explainAdapter(adapter, needs, error);
    }
  }

  async function add(key: string, of: ContextModel): Promise<SlotContext> {
    const made = await createSlotContext(needs, of);
    adapted.set(key, made);
    return made;
  }

  async function makeRoom(): Promise<void> {
    while (adapted.size >= needs.options.nAdapterContexts) await drop(leastRecent(adapted));
  }

  async function drop(key: string): Promise<void> {
    const dropped = adapted.get(key);
    adapted.delete(key);
    await dropped?.context.dispose();
    if (key.startsWith(mergedPrefix)) await needs.merged?.release(key.slice(mergedPrefix.length));
  }

  return {
    heldTokens: (prompts, adapter) => heldOf(adapter === undefined ? base : known(adapted, adapter), prompts),
    async sequenceFor(tokens, adapter) {
      const slotContext = await contextFor(adapter);
      const slot = slotContext.slots[chooseSlot(slotContext.slots, tokens)] as Slot;
      slotContext.lastUse = slot.lastUse = ++useCounter;
      return sequenceOf(slot, needs);
    },
  };
}

/** The one that serves this adapter, if it was made. */
function known(
  adapted: ReadonlyMap<string, SlotContext>,
  { digest, mayMerge }: AdapterFile,
): SlotContext | undefined {
  const merged = mayMerge === true ? adapted.get(mergedPrefix + digest) : undefined;
  return merged ?? adapted.get(digest);
}

function heldOf(context: SlotContext | undefined, prompts: readonly (readonly number[])[]): number[] {
  const slots = context?.slots ?? [];
  return prompts.map((prompt) =>
    Math.max(0, ...slots.map((slot) => commonPrefixLength(slot.tokens, prompt))),
  );
}

function leastRecent(contexts: ReadonlyMap<string, SlotContext>): string {
  const [oldest] = [...contexts].sort(([, a], [, b]) => a.lastUse - b.lastUse);
  return oldest?.[0] ?? '';
}

async function createSlotContext(
  needs: SlotContextsOptions,
  { model, adapterPath }: ContextModel,
): Promise<SlotContext> {
  const { options } = needs;
  needs.log.clear();
  const context = await model.createContext({
    sequences: options.nSlots,
    contextSize: needs.contextTokens,
    batchSize: needs.sliceTokens,
    threads: needs.nThreads,
    failedCreationRemedy: false,
    ...(adapterPath === undefined ? {} : { lora: { adapters: [{ filePath: adapterPath, scale: 1 }] } }),
  });
  const slots = Array.from({ length: options.nSlots }, () => ({
    llamaSequence: context.getSequence(),
    tokens: [],
    lastUse: 0,
  }));
  return { context, slots, adapterPath, lastUse: 0 };
}

/** Keeps `slot.tokens` equal to what the KV cache holds; after a failure both are emptied. */
function sequenceOf(slot: Slot, needs: SlotContextsOptions): Sequence & ScoredSequence {
  const { llamaSequence } = slot;
  const meter = createMeter(needs);
  async function empty(): Promise<void> {
    slot.tokens = [];
    await llamaSequence.clearHistory();
  }
  async function emptyAfter<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      await empty();
      throw error;
    }
  }
  return {
    keepPrefix: (tokens) =>
      emptyAfter(async () => {
        const common = commonPrefixLength(slot.tokens, tokens);
        await llamaSequence.adaptStateToTokens(tokens.slice(0, common) as Token[], false);
        slot.tokens = tokens.slice(0, llamaSequence.nextTokenIndex);
        return llamaSequence.nextTokenIndex;
      }),
    prefill: (tokens) =>
      emptyAfter(async () => {
        meter.begin();
        await llamaSequence.evaluateWithoutGeneratingNewTokens(tokens as Token[]);
        meter.end();
        slot.tokens = [...slot.tokens, ...tokens];
      }),
    probabilities: (tokens, nextTokens) =>
      emptyAfter(async () => {
        const wish = { generateNext: { probabilities: true } };
        const outputs = await llamaSequence.controlledEvaluate(
          tokens.map((token) => [token as Token, wish] as const),
        );
        slot.tokens = [...slot.tokens, ...tokens];
        return nextTokens.map((token, i) => outputs[i]?.next.probabilities?.get(token as Token) ?? 0);
      }),
    async *decode(tokens) {
      let pending = [...tokens];
      try {
        const greedy = { temperature: 0, yieldEogToken: true };
        meter.begin();
        for await (const token of llamaSequence.evaluate(tokens as Token[], greedy)) {
          meter.end();
          slot.tokens = [...slot.tokens, ...pending];
          pending = [token];
          yield token;
          meter.begin();
        }
      } catch (error) {
        await empty();
        throw error;
      }
    },
  };
}

/** Tells the governor of native work, and sets what it decides. */
function createMeter({ governor, llama }: SlotContextsOptions): { begin(): void; end(): void } {
  return {
    begin: () => governor?.begin(),
    end() {
      if (governor === undefined) return;
      governor.end();
      llama.maxThreads = governor.nThreads;
    },
  };
}

async function checkAdapterDigest(adapter: AdapterFile): Promise<void> {
  let found: string;
  try {
    found = await digestFile(adapter.path);
  } catch (error) {
    throw brokenAdapter(`The adapter ${adapter.path} cannot be read.`, error);
  }
  if (found === adapter.digest) return;
  throw brokenAdapter(`The adapter ${adapter.path} is not the file that was registered.`, undefined);
}

/** In terms of the two files if they do not fit, else in llama.cpp's. */
async function explainAdapter(
  { path }: AdapterFile,
  needs: SlotContextsOptions,
  error: unknown,
): Promise<unknown> {
  const why = needs.log.explain(error);
  try {
    await checkAdapter(path, needs.options.path);
  } catch (unfit) {
    return unfit;
  }
  return brokenAdapter(`The adapter ${path} cannot be used with this base model: ${why}.`, error);
}

function brokenAdapter(message: string, cause: unknown): IdiomError {
  return new IdiomError('adapterBroken', message, {
    remedy: 'Idiom goes on with the base model; train again or roll back to an earlier adapter.',
    cause,
  });
}
