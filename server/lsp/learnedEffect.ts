/** What learning brought: characters kept per suggestion with the version in use, over what was in use before. Pure. */

import type { LearnedEffect } from '../../protocol/learning.ts';
import { ratioOfMeans } from '../stats/ratioOfMeans.ts';
import type { Grouped } from '../stats/ratioOfMeans.ts';
import type { OutcomeFigures } from '../store/outcomeFigures.ts';
import { keptOfShown } from './periodFigures.ts';

export interface LearnedFacts {
  /** Of the repository, of all time that is recorded, oldest first. */
  readonly outcomes: readonly OutcomeFigures[];
  /** Digests of the repository's versions. */
  readonly versions: readonly string[];
  readonly champion: string | undefined;
  readonly previous: string | undefined;
}

/** With a fifth of suggestions accepted, 200 on each side show a difference of about a third. */
const nNeeded = 200;
/** Suggestions with less than this between them are of one sitting, which lasts no longer than this. */
const sittingGapMs = 30 * 60_000;
const maxSittingMs = 2 * 3_600_000;

/**
 * The champion against the version before it, or against what comes with Idiom where it is the first one. Where a version is
 * too young for that, all of them against what comes with Idiom. Which comparison it is depends on counts alone, never on
 * what came out.
 */
export function learnedEffect({ outcomes, versions, champion, previous }: LearnedFacts): LearnedEffect {
  if (champion === undefined) return { kind: 'none' };
  const known = new Set(versions);
  const values = grouped(outcomes);
  const of = (isMeant: (adapter: string) => boolean) => values.filter(({ adapter }) => isMeant(adapter));
  const builtIn = of((adapter) => !known.has(adapter));
  const own = {
    ...{ version: champion, against: previous ?? 'task', isAll: false },
    before: previous === undefined ? builtIn : of((adapter) => adapter === previous),
    after: of((adapter) => adapter === champion),
  };
  const after = of((adapter) => known.has(adapter));
  const first = after[0]?.adapter ?? champion;
  const all = { version: first, against: 'task', isAll: true, before: builtIn, after };
  const enough = [own, all].find((each) => nOf(each) >= nNeeded);
  const ratio = enough === undefined ? undefined : ratioOfMeans(enough.before, enough.after);
  if (enough === undefined || ratio === undefined) {
    const { version, against } = own;
    return { kind: 'tooFew', version, against, n: Math.min(nOf(own), nNeeded), nNeeded };
  }
  const { version, isAll, against } = enough;
  const counts = { nAfter: enough.after.length, nBefore: enough.before.length };
  return {
    kind: 'measured',
    version,
    isAll,
    against,
    ratio: ratio.mean,
    low: ratio.low,
    high: ratio.high,
    ...counts,
  };
}

const nOf = ({
  before,
  after,
}: {
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
}) => Math.min(before.length, after.length);

function grouped(outcomes: readonly OutcomeFigures[]): (Grouped & { readonly adapter: string })[] {
  let beganMs = -Infinity;
  let lastMs = -Infinity;
  return outcomes.flatMap((each) => {
    if (each.atMs - lastMs > sittingGapMs || each.atMs - beganMs > maxSittingMs) beganMs = each.atMs;
    lastMs = each.atMs;
    const value = keptOfShown(each);
    return value === undefined ? [] : [{ value, group: `${beganMs}`, adapter: each.adapter }];
  });
}
