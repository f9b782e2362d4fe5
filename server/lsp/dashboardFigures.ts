/** The dashboard's figures, read from the record a day at a time. It reads and changes nothing. */

import { setImmediate as turn } from 'node:timers/promises';
import type { DashboardResult, VersionsResult } from '../../protocol/learning.ts';
import type { Ground } from '../store/ground.ts';
import { latestLatencies, listOutcomes } from '../store/outcomeFigures.ts';
import { learnedEffect } from './learnedEffect.ts';
import { adapterFigures, dayFigures, percentiles, periodFigures, placeFigures } from './periodFigures.ts';
import type { DayRecord } from './periodFigures.ts';

export type DashboardFigures = Pick<
  DashboardResult,
  'days' | 'period' | 'places' | 'learned' | 'curves' | 'cost' | 'byAdapter' | 'latency'
>;

export interface FiguresProps {
  readonly ground: Pick<Ground, 'db' | 'activityCounts' | 'trainingRuns'>;
  readonly repoId: string;
  readonly versions: Pick<VersionsResult, 'versions' | 'aliases'>;
  /** Digest of the adapter that comes with Idiom, which the protocol calls "task". */
  readonly builtIn: string | undefined;
  readonly nDays: number;
  readonly nowMs: number;
}

/** What a version is worth is told of so many, whatever the period. */
const nDaysOfLearning = 90;
const nLatencies = 1000;
const nCurves = 12;
/** A period with fewer suggestions is nothing to compare with. */
const minShownToCompare = 20;

/** Lets others run between two days, so that a keystroke waits for one day's sums at most. */
export async function collectFigures(props: FiguresProps): Promise<DashboardFigures> {
  const { ground, repoId, versions, nDays, nowMs } = props;
  const { aliases } = versions;
  const records = await readDays(props, Math.max(nDaysOfLearning, 2 * nDays));
  const current = records.slice(-nDays);
  const outcomes = current.flatMap((day) => day.outcomes);
  const first = records.slice(-nDays).findIndex((day) => day.outcomes.length > 0);
  const days = first === -1 ? [] : current.slice(first).map(dayFigures);
  await turn();
  const previous = periodFigures(records.slice(-2 * nDays, -nDays));
  await turn();
  const learned = learnedEffect({
    outcomes: records.slice(-nDaysOfLearning).flatMap((day) => day.outcomes),
    versions: versions.versions.map(({ digest }) => digest),
    ...{ champion: aliases.champion, previous: aliases.previous },
  });
  await turn();
  const cost = ground.trainingRuns.cost(repoId, current[0]?.startMs ?? nowMs);
  const kept = (n: number) => days.slice(-n).reduce((sum, { retainedChars }) => sum + retainedChars, 0);
  const figures = periodFigures(current);
  await turn();
  const places = placeFigures(outcomes);
  await turn();
  return {
    days,
    period: {
      ...{ nDays, current: figures, keptToday: kept(1), keptThisWeek: kept(7) },
      ...(previous.shown >= minShownToCompare && reachesBack(records, nDays) ? { previous } : {}),
    },
    places,
    learned,
    curves: ground.trainingRuns.curves(repoId, nCurves),
    cost: { trainingCpuMs: cost.cpuMs, nTrainings: cost.nTrainings },
    byAdapter: adapterFigures(outcomes),
    latency: percentiles(latestLatencies(ground.db, repoId, nLatencies)),
  };
}

/** Whether something is recorded of the first quarter of the period before, or of earlier: half a period is none to compare with. */
function reachesBack(records: readonly DayRecord[], nDays: number): boolean {
  const end = records.length - 2 * nDays + Math.ceil(nDays / 4);
  return records.slice(0, end).some(({ outcomes }) => outcomes.length > 0);
}

/** Where nothing can be recorded. */
export const noFigures = (nDays: number): DashboardFigures => ({
  days: [],
  period: { nDays, current: periodFigures([]), keptToday: 0, keptThisWeek: 0 },
  ...{ places: [], learned: { kind: 'none' }, curves: [], byAdapter: [], latency: [] },
  cost: { trainingCpuMs: 0, nTrainings: 0 },
});

async function readDays(
  { ground, repoId, builtIn, nowMs }: FiguresProps,
  count: number,
): Promise<DayRecord[]> {
  const records: DayRecord[] = [];
  const starts = dayStarts(nowMs, count);
  for (const [index, startMs] of starts.entries()) {
    const endMs = starts[index + 1] ?? nowMs + 1;
    records.push({
      startMs,
      outcomes: listOutcomes(ground.db, repoId, startMs, endMs).map((each) =>
        each.adapter === builtIn ? { ...each, adapter: 'task' } : each,
      ),
      activity: ground.activityCounts.sums(repoId, startMs, endMs),
    });
    await turn();
  }
  return records;
}

/** Midnights in this machine's time zone, oldest first, the last one before `nowMs`. */
export function dayStarts(nowMs: number, count: number): number[] {
  const today = new Date(nowMs);
  return Array.from({ length: count }, (_, index) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - index)).getTime(),
  );
}
