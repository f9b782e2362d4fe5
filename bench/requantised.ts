/** The embedded base model as it comes (Q4_1) against a requantised copy (Q4_0): speed, size, and what it costs in quality. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../server/base/random.ts';
import { scoreCase } from '../server/evaluation/evaluationCase.ts';
import { requantise } from '../server/gguf/requantise.ts';
import { pairedBootstrap } from '../server/stats/pairedBootstrap.ts';
import type { Benchmark, BenchContext, BenchmarkResult, Figure } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { drawCases } from './cases.ts';
import type { BenchCase } from './cases.ts';
import { median, medianRatio, timeMs } from './measure.ts';
import type { Pair } from './measure.ts';
import { openIdiom } from './openIdiom.ts';
import type { OpenIdiom } from './openIdiom.ts';
import { RawLlama } from './rawLlama.ts';

const nCases = 100;
const minSpeedTokens = { prompt: 64, new: 4 };

export const requantised: Benchmark = {
  name: 'requantised',
  question: 'What does a Q4_0 copy of the embedded base model gain in speed, and cost in quality?',
  run,
};

/** One place, completed by both models. */
interface Completed {
  readonly one: BenchCase;
  readonly promptTokens: readonly number[];
  readonly before: Answer;
  readonly after: Answer;
}

interface Answer {
  readonly isExactMatch: number;
  readonly editSimilarity: number;
  /** Tokens per second; undefined when there were too few tokens to tell. */
  readonly prefill: number | undefined;
  readonly decode: number | undefined;
  readonly totalMs: number;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const copyPath = join(context.workFolder, 'q4_0.gguf');
  const makeMs = await timeMs(() => requantise(context.modelPath, copyPath, { from: 'Q4_1', to: 'Q4_0' }));
  const cases = drawCases(context.root, scaled(context, nCases), 5);
  const completed = await completeAll(context, copyPath, cases);
  const nll = await scoreAll(context, copyPath, completed);
  const sizeMb = (path: string) => statSync(path).size / 2 ** 20;
  return {
    figures: [
      ...speedFigures(completed),
      {
        name: 'file size',
        measured: sizeMb(copyPath),
        reference: sizeMb(context.modelPath),
        unit: 'MB',
        ratio: sizeMb(copyPath) / sizeMb(context.modelPath),
      },
      { name: 'making the copy', measured: makeMs / 1000, unit: 's' },
      meanFigure(
        'exact matches',
        '%',
        completed.map(({ before, after }) => pairOf(before, after, 'isExactMatch')),
      ),
      meanFigure(
        'edit similarity',
        '%',
        completed.map(({ before, after }) => pairOf(before, after, 'editSimilarity')),
      ),
      meanFigure('NLL of the true rest of the line', 'nats/tok', nll),
    ],
    remarks: [
      'Reference: the model as it comes. Speeds are tokens per second of real requests, both models in turn; there a ratio above 1 is better.',
      interval(
        'exact matches, percentage points',
        completed.map(({ before, after }) => pairOf(before, after, 'isExactMatch')),
      ),
      interval(
        'edit similarity, percentage points',
        completed.map(({ before, after }) => pairOf(before, after, 'editSimilarity')),
      ),
      interval('NLL, nats per token', nll),
    ],
    input: { nCases: completed.length, nScored: nll.length },
  };
}

async function completeAll(
  context: BenchContext,
  copyPath: string,
  cases: readonly BenchCase[],
): Promise<Completed[]> {
  const before = await openIdiom(context.modelPath);
  const after = await openIdiom(copyPath);
  const completed: Completed[] = [];
  try {
    for (const [i, one] of cases.entries()) {
      const inTurn = i % 2 === 0 ? [before, after] : [after, before];
      const answers = new Map<OpenIdiom, Awaited<ReturnType<typeof complete>>>();
      for (const idiom of inTurn) answers.set(idiom, await complete(idiom, one, i));
      const [a, b] = [answers.get(before), answers.get(after)];
      if (a !== undefined && b !== undefined)
        completed.push({ one, promptTokens: a.promptTokens, before: a.answer, after: b.answer });
      if (i % 10 === 0) context.tell(`${i} of ${cases.length} places completed`);
    }
  } finally {
    before.dispose();
    after.dispose();
  }
  return completed;
}

/** Undefined when Idiom did not ask the model at this place. */
async function complete(
  idiom: OpenIdiom,
  one: BenchCase,
  i: number,
): Promise<{ promptTokens: readonly number[]; answer: Answer } | undefined> {
  const { suggestion, generation, totalMs } = await idiom.ask({ ...one, uri: `bench:requantised/${i}` });
  if (generation === undefined) return undefined;
  const { result, request } = generation;
  const score = scoreCase(suggestion.kind === 'suggestion' ? suggestion.text : '', one.middle);
  const nPrefill = result.nPromptTokens - result.nReusedTokens;
  // The first new token comes with the prefill; an end token is computed but not counted as new.
  const nDecoded = result.nNewTokens - (result.stopReason === 'endToken' ? 0 : 1);
  return {
    promptTokens: request.tokens,
    answer: {
      isExactMatch: score.isExactMatch ? 100 : 0,
      editSimilarity: 100 * score.editSimilarity,
      prefill: nPrefill < minSpeedTokens.prompt ? undefined : (1000 * nPrefill) / result.prefillMs,
      decode: nDecoded < minSpeedTokens.new ? undefined : (1000 * nDecoded) / result.decodeMs,
      totalMs,
    },
  };
}

/** Mean NLL per token of what was really written, per place; one model after the other, since order cannot matter here. */
async function scoreAll(
  context: BenchContext,
  copyPath: string,
  completed: readonly Completed[],
): Promise<Pair[]> {
  const reference = await scoreWith(context, context.modelPath, completed);
  const measured = await scoreWith(context, copyPath, completed);
  return measured.map((value, i) => ({ measured: value, reference: reference[i] ?? NaN }));
}

async function scoreWith(
  context: BenchContext,
  modelPath: string,
  completed: readonly Completed[],
): Promise<number[]> {
  const raw = await RawLlama.open(modelPath, 1024);
  try {
    const scores: number[] = [];
    for (const { one, promptTokens } of completed) {
      // The prompt keeps a blank before the cursor back for the model to write with the next word.
      const blank = one.prefix.endsWith(' ') && !raw.detokenize(promptTokens).endsWith(' ') ? ' ' : '';
      const perToken = await raw.score(promptTokens, raw.tokenize(`${blank}${one.middle}\n`));
      scores.push(perToken.reduce((sum, value) => sum + value, 0) / perToken.length);
      if (scores.length % 20 === 0) context.tell(`${scores.length} of ${completed.length} places scored`);
    }
    return scores;
  } finally {
    await raw.dispose();
  }
}

function speedFigures(completed: readonly Completed[]): Figure[] {
  const pairs = (key: 'prefill' | 'decode' | 'totalMs'): Pair[] =>
    completed.flatMap(({ before, after }) => {
      const [reference, measured] = [before[key], after[key]];
      return reference === undefined || measured === undefined ? [] : [{ measured, reference }];
    });
  const figure = (name: string, unit: string, of: readonly Pair[]): Figure => ({
    name,
    measured: median(of.map((pair) => pair.measured)),
    reference: median(of.map((pair) => pair.reference)),
    unit,
    ratio: medianRatio(of),
  });
  return [
    figure('prefill', 'tok/s', pairs('prefill')),
    figure('decode', 'tok/s', pairs('decode')),
    figure('whole request, p50', 'ms', pairs('totalMs')),
  ];
}

const pairOf = (before: Answer, after: Answer, key: 'isExactMatch' | 'editSimilarity'): Pair => ({
  measured: after[key],
  reference: before[key],
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function meanFigure(name: string, unit: string, pairs: readonly Pair[]): Figure {
  const measured = mean(pairs.map((pair) => pair.measured));
  const reference = mean(pairs.map((pair) => pair.reference));
  return { name, measured, reference, unit, ...(reference === 0 ? {} : { ratio: measured / reference }) };
}

function interval(what: string, pairs: readonly Pair[]): string {
  const differences = pairs.map((pair) => pair.measured - pair.reference);
  const result = pairedBootstrap(differences, { random: seededRandom(1) });
  const [at, low, high] = [result.mean, result.low, result.high].map((value) => value.toFixed(3));
  return `Change of ${what}: ${at}, 95 % interval ${low} to ${high} (paired bootstrap over ${pairs.length} places).`;
}
