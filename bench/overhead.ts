/** What Idiom adds to a completion: its own time, and the whole request against raw node-llama-cpp on the same prompt. */

import type { Benchmark, BenchContext, BenchmarkResult } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { drawCases } from './cases.ts';
import type { BenchCase } from './cases.ts';
import { medianRatio, quantile } from './measure.ts';
import type { Pair } from './measure.ts';
import { openIdiom } from './openIdiom.ts';
import type { Asked, OpenIdiom } from './openIdiom.ts';
import { RawLlama } from './rawLlama.ts';

const nCases = 30;

export const overhead: Benchmark = {
  name: 'overhead',
  question:
    'How much time does a completion take beyond the model, and in all against raw node-llama-cpp on the same prompt?',
  run,
};

interface Measured {
  readonly whole: Pair;
  readonly ownMs: number;
  readonly stagesMs: Readonly<Record<'prompt' | 'filter' | 'rest', number>>;
  readonly nPromptTokens: number;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const cases = drawCases(context.root, scaled(context, nCases) + 1, 1);
  const idiom = await openIdiom(context.modelPath);
  const raw = await RawLlama.open(context.modelPath, 1024);
  const measured: Measured[] = [];
  let nNone = 0;
  try {
    for (const [i, one] of cases.entries()) {
      const result = await measure(idiom, raw, one, i);
      // The first one warms both sides up.
      if (i > 0 && result !== undefined) measured.push(result);
      if (result === undefined) nNone++;
      if (i % 10 === 0) context.tell(`${i} of ${cases.length - 1} places`);
    }
  } finally {
    idiom.dispose();
    await raw.dispose();
  }
  return describe(measured, nNone);
}

/** Undefined when nothing was generated; raw runs second, or its KV cache is emptied, so neither reuses anything. */
async function measure(
  idiom: OpenIdiom,
  raw: RawLlama,
  one: BenchCase,
  i: number,
): Promise<Measured | undefined> {
  const asked = await idiom.ask({ ...one, uri: `bench:overhead/${i}` });
  const { generation, suggestion, totalMs } = asked;
  if (generation === undefined) return undefined;
  const { request, result } = generation;
  const modelMs = result.prefillMs + result.decodeMs;
  // The token that ended the line was computed too, though it is not part of the text.
  const nComputed = result.nNewTokens + (result.stopReason === 'endToken' ? 1 : 0);
  const alone = await raw.generate(request.tokens, Math.max(1, nComputed));
  const prompt = suggestion.kind === 'suggestion' ? suggestion.latencyMs.prompt : NaN;
  const filter = suggestion.kind === 'suggestion' ? suggestion.latencyMs.filter : NaN;
  return {
    whole: { measured: totalMs, reference: alone.prefillMs + alone.decodeMs },
    ownMs: totalMs - modelMs,
    stagesMs: { prompt, filter, rest: restMs(asked, modelMs) },
    nPromptTokens: request.tokens.length - result.nReusedTokens,
  };
}

function restMs({ suggestion, totalMs }: Asked, modelMs: number): number {
  if (suggestion.kind === 'none') return NaN;
  return totalMs - modelMs - suggestion.latencyMs.prompt - suggestion.latencyMs.filter;
}

function describe(measured: readonly Measured[], nNone: number): BenchmarkResult {
  const own = measured.map(({ ownMs }) => ownMs);
  const whole = measured.map((one) => one.whole);
  const stage = (name: keyof Measured['stagesMs']) =>
    measured.map(({ stagesMs }) => stagesMs[name]).filter((value) => !Number.isNaN(value));
  const stageFigure = (name: keyof Measured['stagesMs'], title: string) => ({
    name: title,
    measured: quantile(stage(name), 0.5),
    unit: 'ms',
  });
  return {
    figures: [
      { name: 'own time, p50', measured: quantile(own, 0.5), unit: 'ms' },
      {
        name: 'own time, p95',
        measured: quantile(own, 0.95),
        unit: 'ms',
        budget: { of: 'measured', atMost: 15 },
      },
      stageFigure('prompt', '- of it building the prompt, p50'),
      stageFigure('filter', '- of it filters, p50'),
      stageFigure('rest', '- of it messages and the rest, p50'),
      {
        name: 'whole request, p50',
        measured: quantile(
          whole.map((pair) => pair.measured),
          0.5,
        ),
        reference: quantile(
          whole.map((pair) => pair.reference),
          0.5,
        ),
        unit: 'ms',
        ratio: medianRatio(whole),
      },
    ],
    remarks: [
      'Own time is all of a request but prefill and decode: reading the context, the prompt, messages to the engine process, filters; retrieval is measured by bench/retrieval.',
      'The reference computes the same prompt tokens and as many new ones, in this process, with node-llama-cpp as it comes.',
    ],
    input: {
      nPlaces: measured.length,
      nNotAsked: nNone,
      medianPromptTokens: quantile(
        measured.map((one) => one.nPromptTokens),
        0.5,
      ),
    },
  };
}
