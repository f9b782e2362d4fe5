/** The embedded base model as it comes (Q4_1) against requantised copies: speed, size, and what they cost in quality. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { neverAborts } from '../server/base/abort.ts';
import { systemClock } from '../server/base/clock.ts';
import { seededRandom } from '../server/base/random.ts';
import { scoreCase } from '../server/evaluation/evaluationCase.ts';
import { requantise } from '../server/gguf/requantise.ts';
import { getPublishedModel } from '../server/llama/embeddedModel.ts';
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
import { meanOf } from '../server/stats/mean.ts';

const nCases = 80;
/** Scoring a token takes as long as writing one. */
const nScoredCases = 40;
const maxScoredChars = 1500;
const maxScoredTokens = 200;
const nGivenTokens = 48;
const minSpeedTokens = { prompt: 64, new: 4 };
/** Types that llama.cpp has fast processor kernels for. */
const copyTypes = ['Q4_0', 'Q8_0'] as const;

export const requantised: Benchmark = {
  name: 'requantised',
  question: 'What do Q4_0 and Q8_0 copies of the embedded base model gain in speed, and cost in quality?',
  run,
};

/** One place, completed by each model: first the one as it comes, then the copies. */
interface Completed {
  readonly one: BenchCase;
  readonly answers: readonly Answer[];
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
  const published = await getPublished(context);
  const paths = [published];
  const makeSeconds = [0];
  for (const type of copyTypes) {
    const path = join(context.workFolder, `${type}.gguf`);
    const makeMs = await timeMs(() => requantise(published, path, { from: 'Q4_1', to: type }));
    paths.push(path);
    makeSeconds.push(makeMs / 1000);
  }
  const completed = await completeAll(context, paths, drawCases(context.root, scaled(context, nCases), 5));
  const nll: number[][] = [];
  for (const path of paths) nll.push(await scoreWith(context, path, completed));
  const sizesMb = paths.map((path) => statSync(path).size / 2 ** 20);
  const copies = copyTypes.map((type, i) => {
    const at = i + 1;
    const values = (key: 'isExactMatch' | 'editSimilarity') => pairsOf(completed, at, (one) => one[key]);
    const nllPairs = (nll[at] ?? []).map((measured, j) => ({ measured, reference: nll[0]?.[j] ?? NaN }));
    return {
      figures: [
        ...speedFigures(type, completed, at),
        sizeFigure(type, sizesMb[at] ?? NaN, sizesMb[0] ?? NaN),
        { name: `${type} making the copy`, measured: makeSeconds[at] ?? NaN, unit: 's' },
        meanFigure(`${type} exact matches`, '%', values('isExactMatch')),
        meanFigure(`${type} edit similarity`, '%', values('editSimilarity')),
        meanFigure(`${type} NLL of code`, 'nats/tok', nllPairs),
      ],
      remarks: [
        interval(`${type} exact matches, percentage points`, values('isExactMatch')),
        interval(`${type} edit similarity, percentage points`, values('editSimilarity')),
        interval(`${type} NLL, nats per token`, nllPairs),
      ],
    };
  });
  return {
    figures: copies.flatMap(({ figures }) => figures),
    remarks: [
      'Reference: the model as it comes. Speeds are tokens per second of real requests, the models in turn; there a ratio above 1 is better.',
      ...copies.flatMap(({ remarks }) => remarks),
    ],
    input: { nCases: completed.length },
  };
}

async function completeAll(
  context: BenchContext,
  paths: readonly string[],
  cases: readonly BenchCase[],
): Promise<Completed[]> {
  const idioms: OpenIdiom[] = [];
  const completed: Completed[] = [];
  try {
    for (const path of paths) idioms.push(await openIdiom(path));
    for (const [i, one] of cases.entries()) {
      const done = await completeByAll(idioms, one, i);
      if (done !== undefined) completed.push(done);
      if (i % 10 === 0) context.tell(`${i} of ${cases.length} places completed`);
    }
  } finally {
    for (const idiom of idioms) idiom.dispose();
  }
  return completed;
}

/** Who begins changes from place to place. Undefined when Idiom does not ask the model at this place. */
async function completeByAll(
  idioms: readonly OpenIdiom[],
  one: BenchCase,
  i: number,
): Promise<Completed | undefined> {
  const answers: Answer[] = [];
  for (let turn = 0; turn < idioms.length; turn++) {
    const at = (i + turn) % idioms.length;
    const completed = await complete(idioms[at] as OpenIdiom, one, i);
    if (completed === undefined) return undefined;
    answers[at] = completed;
  }
  return { one, answers };
}

/** Undefined when Idiom did not ask the model at this place. */
async function complete(idiom: OpenIdiom, one: BenchCase, i: number): Promise<Answer | undefined> {
  const { suggestion, generation, totalMs } = await idiom.ask({ ...one, uri: `bench:requantised/${i}` });
  if (generation === undefined) return undefined;
  const { result } = generation;
  const score = scoreCase(suggestion.kind === 'suggestion' ? suggestion.text : '', one.middle);
  const nPrefill = result.nPromptTokens - result.nReusedTokens;
  // The first new token comes with the prefill; an end token is computed but not counted as new.
  const nDecoded = result.nNewTokens - (result.stopReason === 'endToken' ? 0 : 1);
  return {
    isExactMatch: score.isExactMatch ? 100 : 0,
    editSimilarity: 100 * score.editSimilarity,
    prefill: nPrefill < minSpeedTokens.prompt ? undefined : (1000 * nPrefill) / result.prefillMs,
    decode: nDecoded < minSpeedTokens.new ? undefined : (1000 * nDecoded) / result.decodeMs,
    totalMs,
  };
}

/**
 * Mean NLL per token of the code before each cursor, up to the end of its line; one number a place. All its tokens count
 * but the first few: the rest of one line alone has so few that 80 places did not show what Q4_0 loses.
 */
async function scoreWith(
  context: BenchContext,
  modelPath: string,
  completed: readonly Completed[],
): Promise<number[]> {
  const raw = await RawLlama.open(modelPath, 1024);
  try {
    const scores: number[] = [];
    const scored = completed.slice(0, scaled(context, nScoredCases));
    for (const { one } of scored) {
      const tokens = raw
        .tokenize(`${one.prefix.slice(-maxScoredChars)}${one.middle}\n`)
        .slice(-maxScoredTokens);
      const perToken = await raw.score(tokens.slice(0, nGivenTokens), tokens.slice(nGivenTokens));
      scores.push(meanOf(perToken));
      if (scores.length % 10 === 0) context.tell(`${scores.length} of ${scored.length} places scored`);
    }
    return scores;
  } finally {
    await raw.dispose();
  }
}

/** The model as its publisher made it; the one that Idiom serves is one of the copies. */
async function getPublished({ workFolder, tell }: BenchContext): Promise<string> {
  tell('downloading the model as it was published');
  const options = {
    modelsDir: workFolder,
    clock: systemClock,
    signal: neverAborts,
    onProgress: () => undefined,
  };
  return getPublishedModel(options, workFolder);
}

function speedFigures(type: string, completed: readonly Completed[], at: number): Figure[] {
  const figure = (name: string, unit: string, pairs: readonly Pair[]): Figure => ({
    name: `${type} ${name}`,
    measured: median(pairs.map((pair) => pair.measured)),
    reference: median(pairs.map((pair) => pair.reference)),
    unit,
    ratio: medianRatio(pairs),
  });
  return [
    figure(
      'prefill',
      'tok/s',
      pairsOf(completed, at, (one) => one.prefill),
    ),
    figure(
      'decode',
      'tok/s',
      pairsOf(completed, at, (one) => one.decode),
    ),
    figure(
      'whole request, p50',
      'ms',
      pairsOf(completed, at, (one) => one.totalMs),
    ),
  ];
}

/** Places where both the copy and the model as it comes have the value. */
function pairsOf(
  completed: readonly Completed[],
  at: number,
  valueOf: (answer: Answer) => number | undefined,
): Pair[] {
  return completed.flatMap(({ answers }) => {
    const [reference, measured] = [answers[0], answers[at]].map((one) => one && valueOf(one));
    return reference === undefined || measured === undefined ? [] : [{ measured, reference }];
  });
}

const sizeFigure = (type: string, measured: number, reference: number): Figure => ({
  name: `${type} file size`,
  measured,
  reference,
  unit: 'MB',
  ratio: measured / reference,
});

function meanFigure(name: string, unit: string, pairs: readonly Pair[]): Figure {
  const measured = meanOf(pairs.map((pair) => pair.measured));
  const reference = meanOf(pairs.map((pair) => pair.reference));
  return { name, measured, reference, unit, ...(reference === 0 ? {} : { ratio: measured / reference }) };
}

function interval(what: string, pairs: readonly Pair[]): string {
  const differences = pairs.map((pair) => pair.measured - pair.reference);
  const result = pairedBootstrap(differences, { random: seededRandom(1) });
  const [at, low, high] = [result.mean, result.low, result.high].map((value) => value.toFixed(3));
  return `Change of ${what}: ${at}, 95 % interval ${low} to ${high} (paired bootstrap over ${pairs.length} places).`;
}
