/** The dashboard's figures from the record: outcomes by day and by adapter, latency by stage. It reads and changes nothing. */

import { setImmediate as turn } from 'node:timers/promises';
import type { AdapterOutcomes, DashboardResult, LatencyRow, OutcomeDay } from '../../protocol/learning.ts';
import type { Database } from '../store/database.ts';
import { latestLatencies, sumOutcomes } from '../store/outcomeFigures.ts';
import type { OutcomeSum } from '../store/outcomeFigures.ts';

export type DashboardFigures = Pick<DashboardResult, 'days' | 'byAdapter' | 'latency'>;

const nDays = 90;
const nLatencies = 1000;

/** Reads a day at a time and lets others run between, so that a keystroke waits for one day's sums at most. */
export async function collectFigures(db: Database, repoId: string, nowMs: number): Promise<DashboardFigures> {
  const days: OutcomeDay[] = [];
  const sums: OutcomeSum[] = [];
  const starts = dayStarts(nowMs, nDays);
  for (const [index, startMs] of starts.entries()) {
    const found = sumOutcomes(db, repoId, startMs, starts[index + 1] ?? nowMs + 1);
    sums.push(...found);
    if (found.length > 0 || days.length > 0) days.push(dayOf(startMs, found));
    await turn();
  }
  return { days, byAdapter: byAdapter(sums), latency: percentiles(latestLatencies(db, repoId, nLatencies)) };
}

/** Midnights in this machine's time zone, oldest first, the last one before `nowMs`. */
export function dayStarts(nowMs: number, count: number): number[] {
  const today = new Date(nowMs);
  return Array.from({ length: count }, (_, index) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - index)).getTime(),
  );
}

function dayOf(startMs: number, sums: readonly OutcomeSum[]): OutcomeDay {
  const count = (kind: OutcomeSum['kind']) =>
    sums.reduce((total, sum) => total + (sum.kind === kind ? sum.count : 0), 0);
  return {
    day: isoDay(new Date(startMs)),
    shown: sums.reduce((total, { nShown }) => total + nShown, 0),
    accepted: count('accepted'),
    partiallyAccepted: count('partiallyAccepted'),
    typedOut: count('typedOut'),
    rejected: count('rejected'),
    ignored: count('ignored'),
    retainedChars: Math.round(sums.reduce((total, { retainedChars }) => total + retainedChars, 0)),
  };
}

const isoDay = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => part.toString().padStart(2, '0'))
    .join('-');

/** The one that was shown most often first. */
function byAdapter(sums: readonly OutcomeSum[]): AdapterOutcomes[] {
  const groups = Map.groupBy(sums, ({ adapter }) => adapter);
  return [...groups]
    .map(([adapter, group]): AdapterOutcomes => {
      const total = (of: (sum: OutcomeSum) => number) => group.reduce((sum, each) => sum + of(each), 0);
      const nKnown = total(({ nKnown: each }) => each);
      return {
        adapter,
        shown: total(({ nShown }) => nShown),
        accepted: total(({ kind, count }) => (kind === 'accepted' ? count : 0)),
        retainedChars: Math.round(total(({ retainedChars }) => retainedChars)),
        retainedCharsPerShown:
          nKnown === 0 ? 0 : total(({ retainedShownChars }) => retainedShownChars) / nKnown,
      };
    })
    .sort((a, b) => b.shown - a.shown);
}

/** Nearest-rank percentiles of each stage, in the order in which stages first appear. */
export function percentiles(latencies: readonly Readonly<Record<string, number>>[]): LatencyRow[] {
  const entries = latencies.flatMap((each) => Object.entries(each));
  const stages = Map.groupBy(entries, ([stage]) => stage);
  return [...stages].map(([stage, group]) => {
    const sorted = group.map(([, ms]) => ms).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { stage, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
  });
}
