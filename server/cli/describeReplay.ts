/** What `idiom replay` prints, for people and as totals; pure text. */

import type { ReplayResult } from './replay.ts';

/** A case in three lines: where and how long, what stood there, what came (and what was written, if that differs). */
export function describeCase(result: ReplayResult, nth: number, nAll: number, secondsLeft: number): string {
  const { case: one, answer, score } = result;
  const asked = lastLine(one.prefix).trimStart().slice(-60);
  const verdict = score.isExactMatch ? 'exact' : `${Math.round(score.editSimilarity * 100)} % similar`;
  const lines = [
    `${nth}/${nAll} (${secondsLeft} s left)  ${one.path}:${one.line}  ${verdict}  ${describeLatency(answer.latencyMs)}`,
    `   asked  ${asked}|`,
    answer.none === undefined ? `   came   ${firstLine(answer.text)}` : `   came   nothing (${answer.none})`,
  ];
  if (!score.isExactMatch) lines.push(`   true   ${one.middle}`);
  return lines.join('\n');
}

const stages = ['retrieve', 'prompt', 'queue', 'prefill', 'decode', 'filter', 'total'] as const;

function describeLatency(latencyMs: Readonly<Record<string, number>>): string {
  return stages
    .filter((stage) => latencyMs[stage] !== undefined && (stage === 'total' || latencyMs[stage] >= 0.5))
    .map((stage) => `${stage} ${Math.round(latencyMs[stage] ?? 0)}`)
    .join(', ')
    .concat(Object.keys(latencyMs).length === 0 ? '' : ' ms');
}

export interface ReplayTotals {
  readonly nCases: number;
  readonly nExactMatches: number;
  readonly exactMatchRate: number;
  readonly meanEditSimilarity: number;
  readonly nNone: number;
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
}

export function describeTotals(results: readonly ReplayResult[]): { text: string; json: ReplayTotals } {
  const nCases = results.length;
  const nExactMatches = results.filter((result) => result.score.isExactMatch).length;
  const nNone = results.filter((result) => result.answer.none !== undefined).length;
  const similarity =
    results.reduce((sum, result) => sum + result.score.editSimilarity, 0) / Math.max(1, nCases);
  const latencyMs = Object.fromEntries(
    stages.map((stage) => {
      const values = results
        .map((result) => result.answer.latencyMs[stage])
        .filter((value) => value !== undefined);
      return [stage, { p50: quantile(values, 0.5), p95: quantile(values, 0.95) }];
    }),
  );
  const json = {
    nCases,
    nExactMatches,
    exactMatchRate: nExactMatches / Math.max(1, nCases),
    meanEditSimilarity: similarity,
    nNone,
    latencyMs,
  };
  const percent = (100 * json.exactMatchRate).toFixed(0);
  const lines = [
    `\n${nExactMatches} of ${nCases} lines exactly as written (${percent} %), edit similarity ${(100 * similarity).toFixed(0)} % on average, ${nNone} without a suggestion.`,
    'Latency in ms, median / 95th percentile:',
    ...stages.map((stage) => `   ${stage.padEnd(9)} ${line(latencyMs[stage])}`),
  ];
  return { text: lines.join('\n'), json };
}

function line(value: { p50: number; p95: number } | undefined): string {
  return value === undefined
    ? '-'
    : `${value.p50.toFixed(1).padStart(8)} / ${value.p95.toFixed(1).padStart(8)}`;
}

/** The nearest-rank quantile; 0 of nothing. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function firstLine(text: string): string {
  return text.split('\n').at(0) ?? '';
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}
