/** Cuts a repository's history into periods, and draws from each the lines that a developer typed in it. */

import type { Random } from '../base/random.ts';
import type { CursorCase } from '../cursors/cursorCase.ts';
import type { Commit, Repository } from '../git/repository.ts';
import { historyCases } from './historyCases.ts';

export interface TimedCase extends CursorCase {
  /** Of its commit. */
  readonly timeMs: number;
}

export interface ReplayPeriod {
  /** Oldest first. */
  readonly commits: readonly Commit[];
  /** In the order of the commits. */
  readonly cases: readonly TimedCase[];
}

export interface ReplayPeriodsOptions {
  readonly nPeriods: number;
  readonly casesPerPeriod: number;
  readonly maxCommits: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  isLeftOut(path: string): boolean;
}

/** So much of the history is there before the first period: a repository does not begin with its first line. */
const initialShare = 0.4;
const maxPerCommit = 6;
const maxPerFile = 2;

/**
 * `nPeriods` runs of equally many commits, oldest first; none when a run would be empty.
 * A period's cases are spread over its commits.
 */
export async function replayPeriods(
  repository: Repository,
  options: ReplayPeriodsOptions,
): Promise<ReplayPeriod[]> {
  const all = await repository.commits({ max: options.maxCommits });
  const runs = cutRuns(all.reverse(), options.nPeriods);
  const periods: ReplayPeriod[] = [];
  for (const commits of runs) periods.push({ commits, cases: await casesOf(repository, commits, options) });
  return periods;
}

/** @param commits oldest first. */
export function cutRuns<T>(commits: readonly T[], nRuns: number): T[][] {
  const rest = commits.slice(Math.floor(commits.length * initialShare));
  if (rest.length < nRuns) return [];
  const at = (i: number) => Math.round((i * rest.length) / nRuns);
  return Array.from({ length: nRuns }, (_, i) => rest.slice(at(i), at(i + 1)));
}

async function casesOf(
  repository: Repository,
  commits: readonly Commit[],
  options: ReplayPeriodsOptions,
): Promise<TimedCase[]> {
  const { casesPerPeriod, random, signal } = options;
  const wanted = Math.ceil((2 * casesPerPeriod) / commits.length);
  const drawn: TimedCase[] = [];
  for (const commit of commits) {
    signal.throwIfAborted();
    const cases = await historyCases(repository, {
      ...{ from: commit.id, maxCommits: 1, maxCases: Math.min(wanted, maxPerCommit) },
      ...{ maxPerCommit: Math.min(wanted, maxPerCommit), maxPerFile, random, signal },
      isLeftOut: (path) => options.isLeftOut(path),
    });
    drawn.push(...cases.map((each) => ({ ...each, timeMs: commit.timeMs })));
  }
  const distance = Math.max(1, drawn.length / casesPerPeriod);
  return drawn
    .filter((_, i) => Math.floor(i / distance) !== Math.floor((i - 1) / distance))
    .slice(0, casesPerPeriod);
}
