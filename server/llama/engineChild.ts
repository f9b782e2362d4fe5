/** The engine process: answers the daemon's messages with a loaded base model. Owns no queue and no restarts. */

import { setTimeout } from 'node:timers/promises';
import type { Llama, LlamaModel, Token } from 'node-llama-cpp';
import { describeError, IdiomError } from '../base/errors.ts';
import { toEngineSchema } from './engineMessages.ts';
import type {
  FromEngine,
  GenerateMessage,
  LoadedModel,
  LoadOptions,
  ScoreMessage,
  ToEngine,
} from './engineMessages.ts';
import { generateText } from './generateText.ts';
import { createNativeLog, loadModelFile, probeLlama, startLlama } from './llamaRuntime.ts';
import { checkMemoryFit } from './memoryFit.ts';
import { createMergedCopies } from './mergedCopies.ts';
import { scoreTokens } from './scoreTokens.ts';
import { createSlotContexts } from './slotContexts.ts';
import type { SlotContexts } from './slotContexts.ts';
import { systemProcessor } from './systemProcessor.ts';
import { createTextStream } from './textStream.ts';
import { createThreadGovernor } from './threadGovernor.ts';

interface Loaded {
  readonly model: LlamaModel;
  readonly contexts: SlotContexts;
  readonly contextTokens: number;
  readonly sliceTokens: number;
  readonly endTokens: ReadonlySet<number>;
}

/**
 * Prompt tokens between two looks at a cancel. On two cores 64 tokens take 0.2 s with the embedded model, and slices of 64
 * prefilled 10 % slower than slices of 512; a GPU computes 512 in less time than that.
 */
const sliceTokensOnCpu = 64;
const sliceTokensOnGpu = 512;
const maxDefaultThreads = 8;
/**
 * A merged copy takes five to fifteen seconds of a core, so it is made once a developer has been away for longer than the
 * pauses of thinking last: the first suggestions of a session come before it.
 */
const defaultMergeAfterMs = 20_000;
/** llama.cpp pads a context to this anyhow. */
const contextStepTokens = 256;
/** GGUF token types: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, `tokenizer.ggml.token_type`. */
const specialTokenTypes: readonly number[] = [3, 4];

const log = createNativeLog((message) => send({ type: 'log', level: 'warn', message }));
let loaded: Loaded | undefined;
/** Requests to generate or score that have no reply yet; true: cancelled. */
const active = new Map<number, boolean>();
let lastDoneMs = performance.now();
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
    if (active.has(message.id)) active.set(message.id, true);
    return;
  }
  try {
    await perform(message);
  } catch (error) {
    const known = error instanceof IdiomError ? error : undefined;
    send({
      type: 'failed',
      id: message.id,
      code: failureCode(known?.code),
      message: known?.message ?? `The engine failed: ${describeError(error)}.`,
      ...(known?.remedy === undefined ? {} : { remedy: known.remedy }),
    });
  }
}

async function perform(message: Exclude<ToEngine, { type: 'cancel' }>): Promise<void> {
  const { id } = message;
  switch (message.type) {
    case 'probe':
      return send({ type: 'probed', id, value: await probeLlama(log) });
    case 'load':
      return send({ type: 'loaded', id, value: await load(message) });
    case 'tokenize': {
      const { model } = required();
      return send({ type: 'tokenized', id, value: message.texts.map((text) => model.tokenize(text, false)) });
    }
    case 'detokenize': {
      const text = required().model.detokenize(message.tokens as Token[], false);
      return send({ type: 'detokenized', id, value: text });
    }
    case 'generate':
      return whileActive(id, () => alone(() => generate(message)));
    case 'held': {
      const value = required().contexts.heldTokens(message.prompts, message.adapter);
      return send({ type: 'heldTokens', id, value });
    }
    case 'score':
      return whileActive(id, () => score(message));
  }
}

async function whileActive(id: number, work: () => Promise<void>): Promise<void> {
  active.set(id, false);
  try {
    await work();
  } finally {
    active.delete(id);
    lastDoneMs = performance.now();
  }
}

/** Resolves when nothing was asked for in the last seconds; who is typing asks more often. */
async function whenQuiet(quietMs: number): Promise<void> {
  for (;;) {
    const waitMs = lastDoneMs + quietMs - performance.now();
    if (active.size === 0 && waitMs <= 0) return;
    await setTimeout(active.size > 0 ? quietMs : waitMs);
  }
}

/** Work on sequences never overlaps, even if the daemon sent two requests. */
function alone(work: () => Promise<void>): Promise<void> {
  const mine = generation.then(work);
  generation = mine.catch(() => undefined);
  return mine;
}

async function score({ id, tokens, from, adapter }: ScoreMessage): Promise<void> {
  const { contexts, contextTokens, sliceTokens } = required();
  if (tokens.length >= contextTokens)
    throw new IdiomError('engineFailed', `${tokens.length} tokens do not fit into ${contextTokens}.`);
  const value = await scoreTokens({
    tokens,
    from,
    sliceTokens,
    isCancelled: () => active.get(id) === true,
    exclusively: (slice) => alone(async () => slice(await contexts.sequenceFor(tokens, adapter))),
  });
  send({ type: 'scored', id, value });
}

async function generate(message: GenerateMessage): Promise<void> {
  const { id, tokens, adapter } = message;
  const { model, contexts, contextTokens, endTokens, sliceTokens } = required();
  // One cell stays free, else llama.cpp would forget the beginning.
  const room = contextTokens - 1 - tokens.length;
  if (tokens.length === 0 || room < 0) {
    const why = `A prompt of ${tokens.length} tokens does not fit into ${contextTokens}.`;
    throw new IdiomError('engineFailed', why);
  }
  const stream = createTextStream(
    (added, before) =>
      model.detokenize(added as Token[], false, before === undefined ? undefined : ([before] as Token[])),
    message.stopTexts,
    tokens.at(-1),
  );
  let sentLength = 0;
  const value = await generateText(await contexts.sequenceFor(tokens, adapter), {
    tokens,
    maxNewTokens: Math.min(message.maxNewTokens, room),
    endTokens: new Set([...endTokens, ...message.stopTokens]),
    sliceTokens,
    stream,
    isCancelled: () => active.get(id) === true,
    onToken() {
      if (!message.streams || stream.text.length <= sentLength) return;
      send({ type: 'text', id, added: stream.text.slice(sentLength) });
      sentLength = stream.text.length;
    },
    monotonicMs: () => performance.now(),
  });
  send({ type: 'generated', id, value });
}

/** On the GPU if there is one that works, else on the processor, and says so. */
async function load(options: LoadOptions): Promise<LoadedModel> {
  if (loaded !== undefined) throw new IdiomError('engineFailed', 'This engine has loaded a model already.');
  const llama = await startLlama(options.gpu === 'off' ? false : 'auto', log);
  try {
    return await loadOn(llama, options, undefined);
  } catch (error) {
    if (llama.gpu === false || error instanceof IdiomError) throw error;
    const why = log.explain(error);
    await llama.dispose();
    const notice = `The GPU could not be used (${why}), so the processor computes.`;
    return loadOn(await startLlama(false, log), options, notice);
  }
}

async function loadOn(llama: Llama, options: LoadOptions, notice: string | undefined): Promise<LoadedModel> {
  const isOnCpu = llama.gpu === false;
  checkMemoryFit(options, {
    freeMemoryBytes: process.availableMemory(),
    freeGpuBytes: isOnCpu ? 0 : (await llama.getVramState()).free,
  });
  const model = await loadModelFile(llama, options.path, log, (progress) =>
    send({ type: 'progress', progress }),
  );
  const wantedTokens = Math.ceil((options.contextTokens + 1) / contextStepTokens) * contextStepTokens;
  const contextTokens = Math.min(wantedTokens, model.trainContextSize);
  const sliceTokens = isOnCpu ? sliceTokensOnCpu : sliceTokensOnGpu;
  const nThreads = options.threads === 0 ? Math.min(maxDefaultThreads, llama.cpuMathCores) : options.threads;
  if (isOnCpu) llama.maxThreads = nThreads;
  const isGoverned = isOnCpu && options.threads === 0 && nThreads > 1;
  const governor = isGoverned ? createThreadGovernor(nThreads, systemProcessor) : undefined;
  const merged = isOnCpu ? mergedCopiesFor(llama, options) : undefined;
  const needs = { llama, model, merged, options, log, contextTokens, sliceTokens, nThreads, governor };
  const contexts = await createSlotContexts(needs);
  const description = describe(model, contextTokens);
  loaded = { model, contexts, contextTokens, sliceTokens, endTokens: new Set(description.endTokens) };
  const device = llama.gpu === false ? 'cpu' : llama.gpu;
  return { ...description, device, ...(notice === undefined ? {} : { notice }) };
}

/** What an adapter costs was measured on a processor, where it is a seventh of a request's time. */
function mergedCopiesFor(llama: Llama, options: LoadOptions) {
  const { path, modelBytes, mergedFolder: folder, mergeAfterMs = defaultMergeAfterMs } = options;
  if (folder === undefined) return undefined;
  return createMergedCopies({
    folder,
    whenQuiet: () => whenQuiet(mergeAfterMs),
    basePath: path,
    baseBytes: modelBytes,
    load: (copy) => loadModelFile(llama, copy, log, () => undefined),
    log: (message) => send({ type: 'log', level: 'debug', message }),
  });
}

function describe(model: LlamaModel, contextTokens: number): Omit<LoadedModel, 'device'> {
  const { general } = model.fileInfo.metadata;
  const { bos, eos, eot, shouldPrependBosToken } = model.tokens;
  const special = specialTokensOf(model);
  const endTokens = [...special.values(), eos, eot].filter(
    (token): token is Token => token !== null && model.isEogToken(token as Token),
  );
  return {
    architecture: general.architecture,
    name: general.name ?? '',
    trainContextTokens: model.trainContextSize,
    contextTokens,
    specialTokens: Object.fromEntries(special),
    endTokens: [...new Set<number>(endTokens)],
    ...(shouldPrependBosToken && bos !== null ? { startToken: bos } : {}),
  };
}

function specialTokensOf(model: LlamaModel): Map<string, number> {
  const { tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const special = new Map<string, number>();
  types?.forEach((type, id) => {
    if (specialTokenTypes.includes(type)) special.set(String(tokens[id]), id);
  });
  return special;
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
