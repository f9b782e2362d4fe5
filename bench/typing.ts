/** Typing along a line: each keystroke's answer against a cold request for the same place. */

import type { Benchmark, BenchContext, BenchmarkResult, Figure } from './benchmark.ts';
import { scaled } from './benchmark.ts';
import { drawCases } from './cases.ts';
import type { BenchCase } from './cases.ts';
import { median, medianRatio } from './measure.ts';
import { openIdiom } from './openIdiom.ts';
import type { OpenIdiom } from './openIdiom.ts';

const nLines = 16;
/** A cold request takes a second or two on two cores, so not each keystroke gets one. */
const keystrokesPerColdRequest = 6;
const maxKeystrokes = 18;

export const typing: Benchmark = {
  name: 'typing',
  question: 'How long does a keystroke wait while a line is typed, against a cold request at the same place?',
  run,
};

interface Keystroke {
  /** `refusal`: nothing is suggested here, for example in the middle of a word. */
  readonly answeredBy: 'memory' | 'model' | 'refusal';
  readonly warmMs: number;
  /** Undefined when no cold request was made for it. */
  readonly coldMs: number | undefined;
  readonly sharedTokens: number;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const lines = drawCases(context.root, scaled(context, nLines), 2).filter(({ middle }) => middle.length > 8);
  const idiom = await openIdiom(context.modelPath);
  const keystrokes: Keystroke[] = [];
  try {
    for (const [i, line] of lines.entries()) {
      keystrokes.push(...(await typeLine(idiom, line, i)));
      if (i % 4 === 0) context.tell(`${i} of ${lines.length} lines`);
    }
  } finally {
    idiom.dispose();
  }
  return describe(keystrokes, lines.length);
}

/** The first request of a line is cold in any case and is not counted. */
async function typeLine(idiom: OpenIdiom, line: BenchCase, i: number): Promise<Keystroke[]> {
  const warm = { ...line, uri: `bench:typing/${i}`, trigger: 'automatic' } as const;
  await idiom.ask(warm);
  const keystrokes: Keystroke[] = [];
  for (let nTyped = 1; nTyped <= Math.min(maxKeystrokes, line.middle.length - 1); nTyped++) {
    const prefix = line.prefix + line.middle.slice(0, nTyped);
    const { suggestion, generation, totalMs } = await idiom.ask({ ...warm, prefix });
    const result = generation?.result;
    const isColdToo = nTyped % keystrokesPerColdRequest === 1;
    keystrokes.push({
      answeredBy: result !== undefined ? 'model' : suggestion.kind === 'none' ? 'refusal' : 'memory',
      warmMs: totalMs,
      coldMs: isColdToo ? await askCold(idiom, line, prefix, `${i}-${nTyped}`) : undefined,
      sharedTokens: result === undefined ? 1 : result.nReusedTokens / result.nPromptTokens,
    });
  }
  return keystrokes;
}

/** A document and a repository that nobody knows: nothing is remembered, and no prompt begins alike. */
async function askCold(idiom: OpenIdiom, line: BenchCase, prefix: string, id: string): Promise<number> {
  const { totalMs } = await idiom.ask({
    ...line,
    prefix,
    uri: `bench:typing/cold/${id}`,
    repoName: `${id}-${line.repoName}`,
  });
  return totalMs;
}

function describe(keystrokes: readonly Keystroke[], nLinesTyped: number): BenchmarkResult {
  const paired = keystrokes.flatMap(({ warmMs, coldMs, answeredBy }) =>
    coldMs === undefined ? [] : [{ measured: warmMs, reference: coldMs, answeredBy }],
  );
  const figure = (name: string, pairs: typeof paired, budget?: Figure['budget']): Figure => ({
    name,
    measured: median(pairs.map((pair) => pair.measured)),
    reference: median(pairs.map((pair) => pair.reference)),
    unit: 'ms',
    ratio: medianRatio(pairs),
    ...(budget === undefined ? {} : { budget }),
  });
  const answeredBy = (by: Keystroke['answeredBy']) => paired.filter((pair) => pair.answeredBy === by);
  const share = (by: Keystroke['answeredBy']) =>
    (100 * keystrokes.filter((one) => one.answeredBy === by).length) / keystrokes.length;
  const byModel = keystrokes.filter((one) => one.answeredBy === 'model');
  return {
    figures: [
      figure('keystroke that may have a suggestion, p50', [...answeredBy('model'), ...answeredBy('memory')], {
        of: 'ratio',
        atMost: 1 / 3,
      }),
      figure('- answered by the model, p50', answeredBy('model')),
      figure('- answered from memory, p50', answeredBy('memory')),
      { name: 'keystrokes answered by the model', measured: share('model'), unit: '%' },
      { name: 'keystrokes answered from memory', measured: share('memory'), unit: '%' },
      { name: 'keystrokes where nothing is suggested', measured: share('refusal'), unit: '%' },
      {
        name: 'prompt tokens found in the KV cache, p50',
        measured: 100 * median(byModel.map(({ sharedTokens }) => sharedTokens)),
        unit: '%',
      },
    ],
    remarks: [
      'A line that is really in the file is typed character by character, with a request after each and no wait before; a cold request has another document and another repository name, so nothing of its prompt is in any cache.',
      `Every ${keystrokesPerColdRequest}th keystroke has a cold request beside it; the ratios are of these pairs.`,
      'From memory: the user types what was suggested, or an earlier answer holds here too. Nothing is suggested where a rule or an earlier empty answer says so; that takes no time either and is left out of the first figure.',
    ],
    input: { nLines: nLinesTyped, nKeystrokes: keystrokes.length, nPairs: paired.length },
  };
}
