/** The messages between the daemon and the engine child, checked on both sides; no behaviour. */

import { z } from 'zod';

const tokens = z.array(z.int().min(0));
const adapter = z.object({
  digest: z.string().min(1),
  path: z.string().min(1),
  /** See AdapterFile. */
  mayMerge: z.boolean().optional(),
});

/** Where and how a base model is loaded. */
export const loadOptionsSchema = z.object({
  path: z.string(),
  modelBytes: z.number(),
  /** Keys and values of one token, over all layers. */
  kvBytesPerToken: z.number(),
  gpu: z.enum(['auto', 'off']),
  /** 0: the physical cores, at most 8. */
  threads: z.int().min(0),
  /** Longest prompt plus new text, in tokens, that one slot holds. */
  contextTokens: z.int().min(16),
  /** KV slots of each context, so that as many files can be typed in without evicting one another. */
  nSlots: z.int().min(1).max(8),
  /** Contexts with an adapter that are kept beside the base one. */
  nAdapterContexts: z.int().min(1).max(8),
  /** Where copies of the base model with an adapter merged in are kept; undefined: none are made. */
  mergedFolder: z.string().optional(),
  /** They are made when nothing was asked for so long. */
  mergeAfterMs: z.number().min(0).optional(),
});

/** Daemon to child. `id` names the request that the reply answers. */
export const toEngineSchema = z.discriminatedUnion('type', [
  loadOptionsSchema.extend({ type: z.literal('load'), id: z.int() }),
  /** Tells GPU and cores; loads no model. */
  z.object({ type: z.literal('probe'), id: z.int() }),
  z.object({ type: z.literal('tokenize'), id: z.int(), texts: z.array(z.string()) }),
  z.object({ type: z.literal('detokenize'), id: z.int(), tokens }),
  z.object({
    type: z.literal('generate'),
    id: z.int(),
    tokens,
    /** 0: the prompt is read, and no more. */
    maxNewTokens: z.int().min(0),
    stopTokens: tokens,
    stopTexts: z.array(z.string()),
    adapter: adapter.optional(),
    /** Whether `text` messages are wanted. */
    streams: z.boolean(),
  }),
  /** How many tokens of each prompt the KV caches of this adapter have. */
  z.object({ type: z.literal('held'), id: z.int(), prompts: z.array(tokens), adapter: adapter.optional() }),
  /** How likely each token from `from` on is after those before it. */
  z.object({
    type: z.literal('score'),
    id: z.int(),
    tokens,
    from: z.int().min(1),
    adapter: adapter.optional(),
  }),
  /** Ends the running `generate` or `score` with this id; the reply of a `generate` says `aborted`. */
  z.object({ type: z.literal('cancel'), id: z.int() }),
]);

const loaded = z.object({
  architecture: z.string(),
  name: z.string(),
  trainContextTokens: z.int(),
  contextTokens: z.int(),
  specialTokens: z.record(z.string(), z.int()),
  endTokens: tokens,
  startToken: z.int().optional(),
  device: z.string(),
  notice: z.string().optional(),
});

const generated = z.object({
  text: z.string(),
  stopReason: z.enum(['endToken', 'stopText', 'maxNewTokens', 'aborted']),
  nPromptTokens: z.int(),
  nReusedTokens: z.int(),
  nComputedTokens: z.int(),
  nNewTokens: z.int(),
  prefillMs: z.number(),
  decodeMs: z.number(),
});

const machine = z.object({
  device: z.string(),
  nPhysicalCores: z.int(),
  /** 0 without a GPU. */
  gpuMemoryBytes: z.number(),
});

/** Child to daemon. */
export const fromEngineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: z.number() }),
  z.object({ type: z.literal('loaded'), id: z.int(), value: loaded }),
  z.object({ type: z.literal('probed'), id: z.int(), value: machine }),
  z.object({ type: z.literal('tokenized'), id: z.int(), value: z.array(tokens) }),
  z.object({ type: z.literal('detokenized'), id: z.int(), value: z.string() }),
  z.object({ type: z.literal('generated'), id: z.int(), value: generated }),
  z.object({ type: z.literal('heldTokens'), id: z.int(), value: z.array(z.int()) }),
  /** In nats; fewer than were asked for when it was cancelled. */
  z.object({ type: z.literal('scored'), id: z.int(), value: z.array(z.number()) }),
  /** Text that was added since the last `text` of this request. */
  z.object({ type: z.literal('text'), id: z.int(), added: z.string() }),
  z.object({
    type: z.literal('failed'),
    id: z.int(),
    code: z.enum(['modelBroken', 'modelUnsupported', 'modelTooLarge', 'adapterBroken', 'engineFailed']),
    message: z.string(),
    remedy: z.string().optional(),
  }),
  z.object({ type: z.literal('log'), level: z.enum(['debug', 'warn', 'error']), message: z.string() }),
]);

export type LoadOptions = z.infer<typeof loadOptionsSchema>;
export type ToEngine = z.infer<typeof toEngineSchema>;
export type FromEngine = z.infer<typeof fromEngineSchema>;
export type LoadedModel = z.infer<typeof loaded>;
export type Generated = z.infer<typeof generated>;
export type ProbedMachine = z.infer<typeof machine>;
export type ScoreMessage = Extract<ToEngine, { type: 'score' }>;
export type GenerateMessage = Extract<ToEngine, { type: 'generate' }>;
