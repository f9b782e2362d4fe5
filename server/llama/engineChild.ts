/** The engine process: loads a base model with node-llama-cpp and answers the daemon's messages. The only file that knows that package. */

import { getLlama, GgufInsights, LlamaLogLevel, readGgufFileInfo } from 'node-llama-cpp';
import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { digestFile } from '../base/digest.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import { toEngineSchema } from './engineMessages.ts';
import type { FromEngine, GenerateMessage, LoadedModel, LoadOptions, ToEngine } from './engineMessages.ts';
import { generateText } from './generateText.ts';
import type { Sequence } from './generateText.ts';
import { checkMemoryFit } from './memoryFit.ts';
import { chooseSlot, commonPrefixLength } from './kvSlots.ts';
import { createTextStream } from './textStream.ts';
import { createThreadGovernor } from './threadGovernor.ts';
import type { ThreadGovernor } from './threadGovernor.ts';

interface Slot {
  readonly llamaSequence: LlamaContextSequence;
  tokens: readonly number[];
  lastUse: number;
}

/** A llama.cpp context with its slots; the base model's own or one with an adapter. KV caches are never shared. */
interface SlotContext {
  readonly context: LlamaContext;
  readonly slots: readonly Slot[];
  readonly adapterPath: string | undefined;
  lastUse: number;
}

interface Loaded {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly options: LoadOptions;
  readonly contextTokens: number;
  readonly nThreads: number;
  /** Only on a processor and with automatic threads. */
  readonly governor: ThreadGovernor | undefined;
  readonly endTokens: ReadonlySet<number>;
  readonly base: SlotContext;
  /** By adapter digest. */
  readonly adapted: Map<string, SlotContext>;
}

/**
 * Prompt tokens between two looks at a cancel. On two cores 64 tokens take 0.2 s with the embedded model, and slices of 64
 * prefilled 10 % slower than slices of 512; a GPU computes 512 in less time than that.
 */
const sliceTokensOnCpu = 64;
const sliceTokensOnGpu = 512;
const maxDefaultThreads = 8;
/** GGUF token types: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, `tokenizer.ggml.token_type`. */
const specialTokenTypes: readonly number[] = [3, 4];

let loaded: Loaded | undefined;
let useCounter = 0;
let lastNativeError = '';
let lastProgress = 0;
const cancelled = new Set<number>();
let generation: Promise<void> = Promise.resolve();

process.on('message', (value) => {
  const parsed = toEngineSchema.safeParse(value);
  if (!parsed.success) {
    send({ type: 'log', level: 'error', message: 'A message from the daemon could not be read.' });
    return;
  }
  void answer(parsed.data);
});
// Nothing here is worth saving, and native threads may be computing: the quickest end is the safest one.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

async function answer(message: ToEngine): Promise<void> {
  if (message.type === 'cancel') {
    cancelled.add(message.id);
    return;
  }
  try {
    await perform(message);
  } catch (error) {
    const known = error instanceof IdiomError ? error : undefined;
    const code = failureCode(known?.code);
    send({
      type: 'failed',
      id: message.id,
      code,
      message: known?.message ?? `The engine failed: ${describeError(error)}.`,
      ...(known?.remedy === undefined ? {} : { remedy: known.remedy }),
    });
  }
}

async function perform(message: Exclude<ToEngine, { type: 'cancel' }>): Promise<void> {
  const { id } = message;
  switch (message.type) {
    case 'probe':
      return send({ type: 'probed', id, value: await probe() });
    case 'load':
      return send({ type: 'loaded', id, value: await load(message) });
    case 'tokenize': {
      const { model } = required();
      return send({ type: 'tokenized', id, value: message.texts.map((text) => model.tokenize(text, false)) });
    }
    case 'detokenize':
      return send({
        type: 'detokenized',
        id,
        value: required().model.detokenize(message.tokens as Token[], false),
      });
    case 'generate':
      return runGenerate(message);
  }
}

/** Requests never overlap, even if the daemon sent two. */
async function runGenerate(message: GenerateMessage): Promise<void> {
  const mine = generation.then(() => generate(message));
  generation = mine.catch(() => undefined);
  try {
    await mine;
  } finally {
    cancelled.delete(message.id);
  }
}

async function generate(message: GenerateMessage): Promise<void> {
  const { id } = message;
  const current = required();
  const { model } = current;
  const room = current.contextTokens - 1 - message.tokens.length;
  if (message.tokens.length === 0 || room < 0) {
    throw new IdiomError(
      'engineFailed',
      `A prompt of ${message.tokens.length} tokens does not fit into ${current.contextTokens}.`,
    );
  }
  const slotContext = await contextFor(current, message.adapter);
  const slot = slotContext.slots[chooseSlot(slotContext.slots, message.tokens)] as Slot;
  slotContext.lastUse = slot.lastUse = ++useCounter;
  const stream = createTextStream(
    (tokens, before) =>
      model.detokenize(tokens as Token[], false, before === undefined ? undefined : ([before] as Token[])),
    message.stopTexts,
    message.tokens.at(-1),
  );
  let sentLength = 0;
  const value = await generateText(sequenceOf(slot, current), {
    tokens: message.tokens,
    maxNewTokens: Math.min(message.maxNewTokens, room),
    endTokens: new Set([...current.endTokens, ...message.stopTokens]),
    sliceTokens: current.llama.gpu === false ? sliceTokensOnCpu : sliceTokensOnGpu,
    stream,
    isCancelled: () => cancelled.has(id),
    onToken() {
      if (!message.streams || stream.text.length <= sentLength) return;
      send({ type: 'text', id, added: stream.text.slice(sentLength) });
      sentLength = stream.text.length;
    },
    monotonicMs: () => performance.now(),
  });
  send({ type: 'generated', id, value });
}

/** Keeps `slot.tokens` equal to what the KV cache holds; after a failure both are emptied. */
function sequenceOf(slot: Slot, current: Loaded): Sequence {
  const { llamaSequence } = slot;
  const meter = createMeter(current);
  async function emptyAfter<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      slot.tokens = [];
      await llamaSequence.clearHistory();
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
        slot.tokens = [];
        await llamaSequence.clearHistory();
        throw error;
      }
    },
  };
}

/** Measures native work for the governor, and sets what it decides. */
function createMeter({ governor, llama }: Loaded): { begin(): void; end(): void } {
  let startMs = 0;
  let startCpu = process.cpuUsage();
  return {
    begin() {
      startMs = performance.now();
      startCpu = process.cpuUsage();
    },
    end() {
      if (governor === undefined) return;
      const { user, system } = process.cpuUsage(startCpu);
      const nowMs = performance.now();
      governor.observe({ wallMs: nowMs - startMs, cpuMs: (user + system) / 1000, nowMs });
      llama.maxThreads = governor.nThreads;
    },
  };
}

async function contextFor(current: Loaded, adapter: GenerateMessage['adapter']): Promise<SlotContext> {
  if (adapter === undefined) return current.base;
  const known = current.adapted.get(adapter.digest);
  if (known !== undefined) return known;
  await checkAdapterDigest(adapter);
  for (const [digest, other] of current.adapted) {
    // node-llama-cpp remembers adapters by path; another content there needs the old one gone.
    if (other.adapterPath === adapter.path) await dropContext(current, digest);
  }
  while (current.adapted.size >= current.options.nAdapterContexts) {
    const [oldest] = [...current.adapted].sort(([, a], [, b]) => a.lastUse - b.lastUse);
    if (oldest !== undefined) await dropContext(current, oldest[0]);
  }
  try {
    const made = await createSlotContext(current, adapter.path);
    current.adapted.set(adapter.digest, made);
    return made;
  } catch (error) {
    throw new IdiomError(
      'adapterBroken',
      `The adapter ${adapter.path} cannot be used with this base model: ${lastNativeError || describeError(error)}.`,
      {
        remedy: 'Idiom goes on with the base model; train again or roll back to an earlier adapter.',
        cause: error,
      },
    );
  }
}

async function checkAdapterDigest(adapter: { digest: string; path: string }): Promise<void> {
  let found: string;
  try {
    found = await digestFile(adapter.path);
  } catch (error) {
    throw new IdiomError('adapterBroken', `The adapter ${adapter.path} cannot be read.`, {
      remedy: 'Idiom goes on with the base model; train again or roll back to an earlier adapter.',
      cause: error,
    });
  }
  if (found === adapter.digest) return;
  throw new IdiomError('adapterBroken', `The adapter ${adapter.path} is not the file that was registered.`, {
    remedy: 'Idiom goes on with the base model; train again or roll back to an earlier adapter.',
  });
}

async function dropContext(current: Loaded, digest: string): Promise<void> {
  const context = current.adapted.get(digest)?.context;
  current.adapted.delete(digest);
  await context?.dispose();
}

type ContextNeeds = Pick<Loaded, 'llama' | 'model' | 'options' | 'contextTokens' | 'nThreads'>;

async function createSlotContext(needs: ContextNeeds, adapterPath: string | undefined): Promise<SlotContext> {
  const { llama, model, options } = needs;
  lastNativeError = '';
  const context = await model.createContext({
    sequences: options.nSlots,
    contextSize: needs.contextTokens,
    batchSize: llama.gpu === false ? sliceTokensOnCpu : sliceTokensOnGpu,
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

async function load(options: LoadOptions): Promise<LoadedModel> {
  if (loaded !== undefined) throw new IdiomError('engineFailed', 'This engine has loaded a model already.');
  let notice: string | undefined;
  if (options.gpu === 'auto') {
    try {
      return await loadOn('auto', options, undefined);
    } catch (error) {
      if (error instanceof IdiomError && error.code !== 'engineFailed') throw error;
      notice = `The GPU could not be used (${lastNativeError || describeError(error)}), so the processor computes.`;
    }
  }
  return loadOn(false, options, notice);
}

async function loadOn(
  gpu: 'auto' | false,
  options: LoadOptions,
  notice: string | undefined,
): Promise<LoadedModel> {
  const llama = await startLlama(gpu);
  try {
    checkMemoryFit(options, {
      freeMemoryBytes: process.availableMemory(),
      freeGpuBytes: llama.gpu === false ? 0 : (await llama.getVramState()).free,
    });
    const model = await loadModel(llama, options.path);
    // llama.cpp pads to 256 anyhow, and one cell stays free.
    const contextTokens = Math.min(
      Math.ceil((options.contextTokens + 1) / 256) * 256,
      model.trainContextSize,
    );
    const nThreads =
      options.threads === 0 ? Math.min(maxDefaultThreads, llama.cpuMathCores) : options.threads;
    const needs = { llama, model, options, contextTokens, nThreads };
    if (llama.gpu === false) llama.maxThreads = nThreads;
    const base = await createSlotContext(needs, undefined);
    const special = specialTokensOf(model);
    const endTokens = [...special.values(), model.tokens.eos, model.tokens.eot].filter(
      (token): token is Token => token !== null && model.isEogToken(token as Token),
    );
    const isGoverned = options.threads === 0 && llama.gpu === false && nThreads > 1;
    const governor = isGoverned ? createThreadGovernor(nThreads) : undefined;
    loaded = { ...needs, governor, endTokens: new Set(endTokens), base, adapted: new Map() };
    const { general } = model.fileInfo.metadata;
    return {
      architecture: general.architecture,
      name: general.name ?? '',
      trainContextTokens: model.trainContextSize,
      contextTokens,
      specialTokens: Object.fromEntries(special),
      endTokens: [...new Set<number>(endTokens)],
      device: llama.gpu === false ? 'cpu' : llama.gpu,
      ...(model.tokens.shouldPrependBosToken && model.tokens.bos !== null
        ? { startToken: model.tokens.bos }
        : {}),
      ...(notice === undefined ? {} : { notice }),
    };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

async function loadModel(llama: Llama, path: string): Promise<LlamaModel> {
  lastNativeError = '';
  try {
    return await llama.loadModel({
      modelPath: path,
      onLoadProgress: tellProgress,
    });
  } catch (error) {
    const insights = await GgufInsights.from(await readGgufFileInfo(path), llama);
    if (!insights.isSupportedByLlamaCpp)
      throw unsupported(path, insights.ggufFileInfo.metadata.general.architecture);
    if (llama.gpu !== false) throw error;
    throw new IdiomError(
      'modelBroken',
      `llama.cpp cannot load the base model ${path}: ${lastNativeError || describeError(error)}.`,
      { remedy: 'Download it again, or choose another one in the setting idiom.baseModel.', cause: error },
    );
  }
}

/** In whole per cent, since llama.cpp tells of each tensor. */
function tellProgress(progress: number): void {
  const rounded = Math.floor(progress * 100) / 100;
  if (rounded <= lastProgress) return;
  lastProgress = rounded;
  send({ type: 'progress', progress: rounded });
}

function unsupported(path: string, architecture: string): IdiomError {
  return new IdiomError(
    'modelUnsupported',
    `The base model ${path} has the architecture "${architecture}", which llama.cpp cannot run.`,
    { remedy: 'Choose another one in the setting idiom.baseModel; `idiom model list` shows some.' },
  );
}

function specialTokensOf(model: LlamaModel): Map<string, number> {
  const { tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const special = new Map<string, number>();
  types?.forEach((type, id) => {
    if (specialTokenTypes.includes(type)) special.set(String(tokens[id]), id);
  });
  return special;
}

async function startLlama(gpu: 'auto' | false): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger(level, message) {
      if (level !== LlamaLogLevel.error && level !== LlamaLogLevel.fatal) return;
      const line = message.trim();
      // The first line names the cause, the next ones what failed because of it.
      if (lastNativeError === '') lastNativeError = line;
      send({ type: 'log', level: 'warn', message: line });
    },
  });
}

async function probe(): Promise<Extract<FromEngine, { type: 'probed' }>['value']> {
  const llama = await startLlama('auto');
  return {
    device: llama.gpu === false ? 'cpu' : llama.gpu,
    nPhysicalCores: llama.cpuMathCores,
    gpuMemoryBytes: llama.gpu === false ? 0 : (await llama.getVramState()).total,
  };
}

function required(): Loaded {
  if (loaded === undefined) throw new IdiomError('engineFailed', 'No base model is loaded yet.');
  return loaded;
}

type FailureCode = Extract<FromEngine, { type: 'failed' }>['code'];
function failureCode(code: IdiomError['code'] | undefined): FailureCode {
  switch (code) {
    case 'modelBroken':
    case 'modelUnsupported':
    case 'modelTooLarge':
    case 'adapterBroken':
      return code;
    default:
      return 'engineFailed';
  }
}

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}
