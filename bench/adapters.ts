/** What an adapter costs at serving: the same requests with adapters of several sizes and without, in turn. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { neverAborts } from '../server/base/abort.ts';
import { digestFile } from '../server/base/digest.ts';
import { silentLogger } from '../server/base/logger.ts';
import type { AdapterFile, Engine } from '../server/llama/engine.ts';
import { writeVariant } from './adapterVariants.ts';
import type { Variant, VariantOptions } from './adapterVariants.ts';
import type { Benchmark, BenchContext, BenchmarkResult, Figure } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { drawCases } from './cases.ts';
import { median, medianRatio } from './measure.ts';
import type { Pair } from './measure.ts';
import { openIdiom } from './openIdiom.ts';

const nRounds = 10;
/** As long as prompts with snippets are, and answers of a line or two. */
const nPromptTokens = 384;
const nNewTokens = 24;
const minDecoded = 8;
/** Ordinary tokens of any vocabulary. */
const firstOwnToken = 1000;
let nRequests = 0;
/** The agreed limit: an adapter adds at most a tenth. */
const budget = { of: 'ratio', atMost: 1.1 } as const;

const always = () => true;
const attention = /^attn_/;
const variants: readonly VariantOptions[] = [
  { name: 'r 16', type: 'F16', r: 16, isTaken: always },
  { name: 'r 16, F32', type: 'F32', r: 16, isTaken: always },
  { name: 'r 8', type: 'F16', r: 8, isTaken: always },
  { name: 'r 16, upper half', type: 'F16', r: 16, isTaken: (layerIdx) => layerIdx >= 15 },
  { name: 'r 16, attention', type: 'F16', r: 16, isTaken: (_, tensor) => attention.test(tensor) },
  { name: 'r 16, feed-forward', type: 'F16', r: 16, isTaken: (_, tensor) => !attention.test(tensor) },
];

export const adapters: Benchmark = {
  name: 'adapters',
  question: 'What does an adapter add to prefill and decode, by rank, type, layers and modules?',
  run,
};

/** Milliseconds for each token. */
interface Cost {
  readonly prefill: number;
  /** Undefined when too few were written to tell. */
  readonly decode: number | undefined;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const shipped = join(context.root, 'media/taskAdapter/adapter.gguf');
  const written: Variant[] = [];
  for (const options of variants) written.push(await writeVariant(shipped, context.workFolder, options));
  const pairs = new Map<string, { bare: Cost; cost: Cost }[]>();
  const merging = createMerging(context.workFolder);
  const idiom = await openIdiom(context.modelPath, merging.engineOptions);
  try {
    const prompts = await drawPrompts(context, idiom.engine);
    // One after another, since the engine keeps few adapters ready at a time.
    for (const variant of written) {
      pairs.set(variant.name, await compare(idiom.engine, prompts, variant));
      context.tell(`${variant.name} is done`);
    }
    const serving = { path: shipped, digest: await digestFile(shipped), mayMerge: true };
    await costOf(idiom.engine, prompts[0] ?? [], serving);
    const told = await merging.told;
    context.tell(told);
    if (!told.includes('is merged')) throw new Error('There is no merged copy to measure.');
    pairs.set('merged into a copy', await compare(idiom.engine, prompts, serving));
  } finally {
    idiom.dispose();
  }
  return {
    figures: [...pairs].flatMap(([name, costs]) => [
      figure(`${name}: prefill`, 'ms/tok', costs, 'prefill'),
      figure(`${name}: decode`, 'ms/tok', costs, 'decode'),
    ]),
    remarks: [
      `Of the shipped task adapter (layers 8 to 29, all seven modules), parts, and a copy of the base model with all of it merged in, which is what an editor is served with; a request is ${nPromptTokens} tokens read and ${nNewTokens} written. Reference: the base model alone.`,
    ],
    input: {
      nRounds: scaled(context, nRounds),
      nPromptTokens,
      nNewTokens,
      ...Object.fromEntries(written.map(({ name, path }) => [`${name}, bytes`, statSync(path).size])),
    },
  };
}

/** Where the engine puts merged copies, and its word that one is in use. */
function createMerging(workFolder: string) {
  const { promise: told, resolve } = Promise.withResolvers<string>();
  const debug = (_: string, message: string) => {
    if (/merged/.test(message)) resolve(message);
  };
  return {
    told,
    engineOptions: {
      mergedFolder: join(workFolder, 'merged'),
      mergeAfterMs: 500,
      logger: { ...silentLogger, debug },
    },
  };
}

function figure(
  name: string,
  unit: string,
  costs: readonly { readonly bare: Cost; readonly cost: Cost }[],
  key: keyof Cost,
): Figure {
  const pairs = costs.flatMap(({ bare, cost }): Pair[] => {
    const [measured, reference] = [cost[key], bare[key]];
    return measured === undefined || reference === undefined ? [] : [{ measured, reference }];
  });
  return {
    name,
    measured: median(pairs.map((pair) => pair.measured)),
    reference: median(pairs.map((pair) => pair.reference)),
    unit,
    ratio: medianRatio(pairs),
    budget,
  };
}

/** Distinct prompts of exactly `nPromptTokens`. */
async function drawPrompts(context: BenchContext, engine: Engine): Promise<number[][]> {
  const nPrompts = scaled(context, nRounds) + 1;
  const texts = drawCases(context.root, nPrompts * 4, 3).map(({ prefix, suffix }) => prefix + suffix);
  const prompts = (await engine.tokenize(texts))
    .map((tokens) => [...tokens].slice(0, nPromptTokens))
    .filter((tokens) => tokens.length === nPromptTokens);
  const distinct = [...new Map(prompts.map((tokens) => [tokens.slice(0, 64).join(' '), tokens])).values()];
  return distinct.slice(0, nPrompts);
}

async function compare(engine: Engine, prompts: readonly number[][], adapter: AdapterFile) {
  const costs: { bare: Cost; cost: Cost }[] = [];
  for (const [round, prompt] of prompts.entries()) {
    // Another first token each time, so that no KV cache helps.
    const [, ...rest] = prompt;
    const tokens = [firstOwnToken + nRequests++, ...rest];
    // Who is first changes from round to round.
    const order = round % 2 === 0 ? [undefined, adapter] : [adapter, undefined];
    const [one, other] = [await costOf(engine, tokens, order[0]), await costOf(engine, tokens, order[1])];
    // The first round warms both up.
    if (round > 0)
      costs.push(order[0] === undefined ? { bare: one, cost: other } : { bare: other, cost: one });
  }
  return costs;
}

async function costOf(
  engine: Engine,
  tokens: readonly number[],
  adapter: AdapterFile | undefined,
): Promise<Cost> {
  const request = {
    maxNewTokens: nNewTokens,
    stopTokens: [],
    stopTexts: [],
    priority: 'foreground',
  } as const;
  const result = await engine.generate({ ...request, tokens, adapter }, neverAborts);
  const prefill = result.prefillMs / Math.max(1, tokens.length - result.nReusedTokens);
  // The first new token comes with the prefill.
  const nDecoded = result.nNewTokens - (result.stopReason === 'endToken' ? 0 : 1);
  const decode = nDecoded < minDecoded ? undefined : result.decodeMs / nDecoded;
  return { prefill, decode };
}
