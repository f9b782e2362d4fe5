/** What trainings brought, with intervals over the same lines. Pure. */

import { changeOfMean } from '../../server/stats/mean.ts';
import type { LineRecord, TrainingRecord } from './records.ts';
import { sights } from './wordsInSight.ts';

export interface Change {
  readonly nLines: number;
  readonly before: number;
  readonly after: number;
  /** After minus before, with its 95 % interval. */
  readonly change: number;
  readonly low: number;
  readonly high: number;
}

export interface Summary {
  /** Nats a token. */
  readonly nll: Change | undefined;
  /** Per cent of first lines. */
  readonly exactMatch: Change | undefined;
  /** 0 to 1. */
  readonly editSimilarity: Change | undefined;
}

export function summariseLines(lines: readonly LineRecord[]): Summary {
  const suggested = lines.flatMap((line) => line.suggested ?? []);
  return {
    nll: changeOf(lines.map(({ nllBefore, nllAfter }) => [nllBefore, nllAfter])),
    exactMatch: changeOf(
      suggested.map(({ before, after }) => [100 * before.exactMatch, 100 * after.exactMatch]),
    ),
    editSimilarity: changeOf(
      suggested.map(({ before, after }) => [before.editSimilarity, after.editSimilarity]),
    ),
  };
}

/** The whole of it: each training, each variant over all repositories, and its lines by where their words could be known. */
export function summarise(records: readonly TrainingRecord[]) {
  const byVariant = Map.groupBy(records, (record) => record.variant);
  return {
    trainings: records.map(({ lines, ...facts }) => ({ ...facts, ...summariseLines(lines) })),
    variants: [...byVariant].map(([variant, list]) => {
      const lines = list.flatMap((record) => record.lines);
      return {
        variant,
        repositories: list.map((record) => record.repo),
        ...summariseLines(lines),
        bySight: Object.fromEntries(
          sights.map((sight) => [
            sight,
            summariseLines(lines.filter((line) => line.suggested?.sight === sight)),
          ]),
        ),
        byNll: nllBands.map(([from, to]) => ({
          from,
          to,
          ...summariseLines(lines.filter(isWithin(from, to))),
        })),
      };
    }),
    comparisons: [...byVariant.keys()].map((variant) => ({ variant, ...againstEqual(records, variant) })),
  };
}

/** Nats a token. Lines that a model writes by itself are in the first. */
const nllBands = [
  [0, 0.5],
  [0.5, 1],
  [1, 2],
  [2, 3],
  [3, 100],
] as const;

/** By the middle of before and after: sorted by one of them, its chance errors would look like a change. */
function isWithin(from: number, to: number) {
  return ({ nllBefore, nllAfter }: LineRecord): boolean => {
    const middle = (nllBefore + nllAfter) / 2;
    return middle >= from && middle < to;
  };
}

/** Likelihood after the variant minus that after as many steps with the defaults, on lines that both have. */
function againstEqual(records: readonly TrainingRecord[], variant: string) {
  const pairs = records
    .filter((record) => record.variant === variant)
    .flatMap((record) => {
      const other = records.find(
        (each) => each.repo === record.repo && each.variant === `steps${record.nSteps}`,
      );
      const known = new Map(other?.lines.map((line) => [line.key, line.nllAfter]));
      return record.lines.flatMap(({ key, nllAfter }): [number, number][] => {
        const theirs = known.get(key);
        return theirs === undefined ? [] : [[theirs, nllAfter]];
      });
    });
  return { nllMinusDefaults: changeOf(pairs) };
}

function changeOf(pairs: readonly (readonly [before: number, after: number])[]): Change | undefined {
  const found = changeOfMean(
    pairs.map(([before]) => before),
    pairs.map(([, after]) => after),
  );
  if (found === undefined) return undefined;
  const { before, after, change } = found;
  return {
    nLines: pairs.length,
    ...{ before: round(before), after: round(after), change: round(change.mean) },
    ...{ low: round(change.low), high: round(change.high) },
  };
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
