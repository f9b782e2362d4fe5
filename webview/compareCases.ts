/** Two versions side by side on the cases that both were measured on. Pure. */

import type { CaseResult, CaseSide, EvalReport } from '../protocol/evalReport.ts';

export interface ComparedCase {
  readonly key: string;
  readonly set: string;
  readonly path: string;
  readonly line: number;
  readonly languageId: string;
  /** The last lines before the cursor. */
  readonly before: string;
  /** What was really written. */
  readonly middle: string;
  readonly left: CaseSide;
  readonly right: CaseSide;
  /** Nats per token, right minus left: below zero, the right one is better. */
  readonly nllChange: number;
}

export interface Comparison {
  /** The largest change first. */
  readonly cases: readonly ComparedCase[];
  /** Cases that only one of them was measured on. */
  readonly nLeftOut: number;
}

export type CaseFilter = 'all' | 'better' | 'worse' | 'otherText';

/** Changes below it are no change to speak of, in nats per token. */
const smallestChange = 0.01;

/**
 * `left` and `right` are digests, "task" or "base". Where one was judged against the other, both sides are from that report;
 * else the two reports are matched case by case. Undefined when a report that is needed is missing.
 */
export function compareVersions(
  left: string,
  right: string,
  reports: ReadonlyMap<string, EvalReport | null>,
): Comparison | undefined {
  const ofRight = reports.get(right) ?? undefined;
  if (ofRight?.champion === left)
    return sorted(ofRight.cases.map((each) => joined(each, each.champion, each.candidate)));
  const ofLeft = reports.get(left) ?? undefined;
  if (ofLeft?.champion === right)
    return sorted(ofLeft.cases.map((each) => joined(each, each.candidate, each.champion)));
  if (ofLeft === undefined || ofRight === undefined) return undefined;
  const known = new Map(ofLeft.cases.map((each) => [keyOf(each), each]));
  const both = ofRight.cases.flatMap((each) => {
    const other = known.get(keyOf(each));
    return other === undefined ? [] : [joined(each, other.candidate, each.candidate)];
  });
  const nLeftOut = ofLeft.cases.length + ofRight.cases.length - 2 * both.length;
  return { ...sorted(both), nLeftOut };
}

export function filterCases(cases: readonly ComparedCase[], filter: CaseFilter): readonly ComparedCase[] {
  switch (filter) {
    case 'all':
      return cases;
    case 'better':
      return cases.filter((each) => each.nllChange <= -smallestChange);
    case 'worse':
      return cases.filter((each) => each.nllChange >= smallestChange);
    case 'otherText':
      return cases.filter(({ left, right }) => left.text !== right.text);
  }
}

function joined(each: CaseResult, left: CaseSide, right: CaseSide): ComparedCase {
  const { set, path, line, languageId, before, middle } = each;
  const nllChange = right.nll - left.nll;
  return { key: keyOf(each), set, path, line, languageId, before, middle, left, right, nllChange };
}

function sorted(cases: readonly ComparedCase[]): Comparison {
  return { cases: cases.toSorted((a, b) => Math.abs(b.nllChange) - Math.abs(a.nllChange)), nLeftOut: 0 };
}

const keyOf = ({ set, commit, path, line, middle }: CaseResult): string =>
  [set, commit, path, line, middle].join('\0');
