/** Prefill and decode through Idiom's engine process against raw node-llama-cpp, same tokens, taking turns. */

import { neverAborts } from '../server/base/abort.ts';
import type { Benchmark, BenchContext, BenchmarkResult, Figure } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { drawCases } from './cases.ts';
import { median, medianRatio } from './measure.ts';
import type { Pair } from './measure.ts';
import { openIdiom } from './openIdiom.ts';
import { RawLlama } from './rawLlama.ts';

const nRounds = 12;
const nPromptTokens = 512;
const nNewTokens = 48;

export const speed: Benchmark = {
  name: 'speed',
  question: "How fast are prefill and decode through Idiom's engine process, against raw node-llama-cpp?",
  run,
};

/** Tokens per second. */
interface Speeds {
  readonly prefill: number;
  readonly decode: number;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const rounds = scaled(context, nRounds);
  const idiom = await openIdiom(context.modelPath);
  const raw = await RawLlama.open(context.modelPath, 1024);
  const prefill: Pair[] = [];
  const decode: Pair[] = [];
  try {
    const prompts = drawPrompts(context.root, raw, rounds + 1);
    for (const [round, tokens] of prompts.entries()) {
      const isRawFirst = round % 2 === 1;
      const before = isRawFirst ? await speedOfRaw(raw, tokens) : undefined;
      const ours = await speedOfEngine(idiom.engine, tokens);
      const theirs = before ?? (await speedOfRaw(raw, tokens));
      // The first round warms both sides up.
      if (round === 0) continue;
      prefill.push({ measured: ours.prefill, reference: theirs.prefill });
      decode.push({ measured: ours.decode, reference: theirs.decode });
      context.tell(`round ${round} of ${rounds}`);
    }
  } finally {
    idiom.dispose();
    await raw.dispose();
  }
  return {
    figures: [figure('prefill', prefill), figure('decode', decode)],
    remarks: [
      'Here a ratio above 1 is better: tokens per second. Prefill ends with the first new token.',
      'The engine computes prompts in short slices so that a cancelled request stops soon; raw node-llama-cpp computes 512 tokens at once.',
    ],
    input: { nRounds: rounds, nPromptTokens, nNewTokens },
  };
}

const figure = (name: string, pairs: readonly Pair[]): Figure => ({
  name,
  measured: median(pairs.map((pair) => pair.measured)),
  reference: median(pairs.map((pair) => pair.reference)),
  unit: 'tok/s',
  ratio: medianRatio(pairs),
});

/** Prompts of exactly `nPromptTokens`, each of another file, so that no KV cache helps. */
function drawPrompts(root: string, raw: RawLlama, nPrompts: number): number[][] {
  const prompts = drawCases(root, nPrompts * 4, 3)
    .map(({ prefix, suffix }) => raw.tokenize(prefix + suffix).slice(0, nPromptTokens))
    .filter((tokens) => tokens.length === nPromptTokens);
  const distinct = [...new Map(prompts.map((tokens) => [tokens.slice(0, 64).join(' '), tokens])).values()];
  return distinct.slice(0, nPrompts);
}

async function speedOfRaw(raw: RawLlama, tokens: readonly number[]): Promise<Speeds> {
  const { prefillMs, decodeMs, nNewTokens: n } = await raw.generate(tokens, nNewTokens);
  return { prefill: (1000 * tokens.length) / prefillMs, decode: (1000 * (n - 1)) / decodeMs };
}

async function speedOfEngine(
  engine: Awaited<ReturnType<typeof openIdiom>>['engine'],
  tokens: readonly number[],
): Promise<Speeds> {
  const result = await engine.generate(
    {
      tokens,
      maxNewTokens: nNewTokens,
      stopTokens: [],
      stopTexts: [],
      adapter: undefined,
      priority: 'foreground',
    },
    neverAborts,
  );
  const nComputed = tokens.length - result.nReusedTokens;
  const nDecoded = result.stopReason === 'endToken' ? result.nNewTokens : result.nNewTokens - 1;
  return {
    prefill: (1000 * nComputed) / result.prefillMs,
    decode: (1000 * nDecoded) / result.decodeMs,
  };
}
