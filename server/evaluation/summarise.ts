/** From single cases to the figures of a set, and to the places where a candidate is weak. Pure, given a seed. */

import type {
  CaseResult,
  CaseSide,
  PairedChange,
  SetSummary,
  WeaknessGroup,
} from '../../protocol/evalReport.ts';
import { seededRandom } from '../base/random.ts';
import { clusterBootstrap } from '../stats/clusterBootstrap.ts';
import { mcnemarExact } from '../stats/mcnemar.ts';
import type { BootstrapOptions } from '../stats/pairedBootstrap.ts';
import { kindOfCase } from './kindOfCase.ts';
import { meanOf } from '../stats/mean.ts';

/**
 * A token's negative log-likelihood counts at most this much: a probability below e^-20 is rounding, and one such token
 * would outweigh a set.
 */
export const maxTokenNats = 20;

/** Of the intervals. */
export type IntervalOptions = Omit<BootstrapOptions, 'random'>;

/** @returns undefined for no cases. */
export function summarise(cases: readonly CaseResult[], options: IntervalOptions): SetSummary | undefined {
  if (cases.length === 0) return undefined;
  const completed = cases.filter((each) => isCompleted(each.champion) && isCompleted(each.candidate));
  const change = (of: readonly CaseResult[], pick: (side: CaseSide) => number, bound: number): PairedChange =>
    pairedChange(of, pick, bound, options);
  const nll = change(cases, (side) => side.nll, maxTokenNats);
  if (completed.length === 0) return { nCases: cases.length, nll };
  const isRight = (side: CaseSide) => side.isExactMatch === true;
  const onlyChampion = completed.filter((each) => isRight(each.champion) && !isRight(each.candidate)).length;
  const onlyCandidate = completed.filter((each) => isRight(each.candidate) && !isRight(each.champion)).length;
  const times = (side: 'champion' | 'candidate') =>
    median(completed.flatMap((each) => each[side].latencyMs ?? []));
  return {
    ...{ nCases: cases.length, nCompleted: completed.length, nll },
    exactMatch: {
      ...change(completed, (side) => (isRight(side) ? 1 : 0), 1),
      ...{ onlyChampion, onlyCandidate, mcnemarP: mcnemarExact(onlyChampion, onlyCandidate) },
    },
    editSimilarity: change(completed, (side) => side.editSimilarity ?? 0, 1),
    latencyMs: { champion: times('champion'), candidate: times('candidate') },
  };
}

/** Median over the completed cases of candidate's time / champion's: each line is its own measure. */
export function latencyRatio(cases: readonly CaseResult[]): number | undefined {
  const ratios = cases.flatMap(({ champion, candidate }) =>
    champion.latencyMs !== undefined && candidate.latencyMs !== undefined && champion.latencyMs > 0
      ? candidate.latencyMs / champion.latencyMs
      : [],
  );
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Cases of one commit resemble each other, where there is none those of one file. */
export function groupOfCase(each: Pick<CaseResult, 'commit' | 'path'>): string {
  return each.commit === '' ? each.path : each.commit;
}

const minGroupCases = 3;

/** Groups of at least three cases where the candidate is worse on average; the one with most worse cases first. */
export function weaknesses(cases: readonly CaseResult[]): WeaknessGroup[] {
  const named = {
    kind: kindOfCase,
    language: (each: CaseResult) => each.languageId,
    folder: (each: CaseResult) => each.path.split('/').slice(0, -1).slice(0, 2).join('/') || '.',
  };
  return (['kind', 'language', 'folder'] as const)
    .flatMap((by) =>
      [...Map.groupBy(cases, named[by])].map(([name, group]): WeaknessGroup => {
        const changes = group.map((each) => each.candidate.nll - each.champion.nll);
        const nWorse = changes.filter((change) => change > 0).length;
        return { by, name, nCases: group.length, nWorse, meanNllChange: meanOf(changes) };
      }),
    )
    .filter((group) => group.nCases >= minGroupCases && group.meanNllChange > 0)
    .sort((a, b) => b.nWorse - a.nWorse || b.meanNllChange - a.meanNllChange);
}

function isCompleted(side: CaseSide): boolean {
  return side.isExactMatch !== undefined;
}

function pairedChange(
  cases: readonly CaseResult[],
  pick: (side: CaseSide) => number,
  bound: number,
  options: IntervalOptions,
): PairedChange {
  const champion = cases.map((each) => pick(each.champion));
  const candidate = cases.map((each) => pick(each.candidate));
  const differences = candidate.map((value, i) => value - (champion[i] ?? 0));
  const groups = cases.map(groupOfCase);
  const { mean, low, high } = clusterBootstrap(differences, groups, { ...options, random: seededRandom(1) });
  // One commit alone gives an interval without ends, and JSON has no word for that.
  return {
    ...{ champion: meanOf(champion), candidate: meanOf(candidate), mean },
    ...{ low: Math.max(-bound, low), high: Math.min(bound, high) },
  };
}

/** 0 without values. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
