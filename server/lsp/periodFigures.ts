/** Sums of what became of suggestions: by day, period, adapter, language and folder. Pure. */

import type {
  AdapterOutcomes,
  LatencyRow,
  OutcomeDay,
  PeriodFigures,
  PlaceFigures,
} from '../../protocol/learning.ts';
import type { ActivityKind } from '../store/activityCounts.ts';
import type { OutcomeFigures } from '../store/outcomeFigures.ts';

/** One day's record. */
export interface DayRecord {
  readonly startMs: number;
  readonly outcomes: readonly OutcomeFigures[];
  readonly activity: ReadonlyMap<ActivityKind, number>;
}

/** Deeper folders count with the one so deep. */
const folderDepth = 2;
const nPlaces = 12;

export function dayFigures(record: DayRecord): OutcomeDay {
  const { outcomes } = record;
  const count = (kind: OutcomeFigures['kind']) => countOf(outcomes, (each) => each.kind === kind);
  const { waitMs, ...period } = periodFigures([record]);
  return {
    day: isoDay(new Date(record.startMs)),
    shown: period.shown,
    taken: period.taken,
    accepted: count('accepted'),
    partiallyAccepted: count('partiallyAccepted'),
    typedOut: count('typedOut'),
    rejected: count('rejected'),
    dismissed: countOf(outcomes, (each) => each.kind === 'rejected' && each.isExplicit),
    ignored: count('ignored'),
    retainedChars: period.keptChars,
    acceptedChars: period.acceptedChars,
    typedChars: period.typedChars,
    nNothing: period.nNothing,
    ...(waitMs === undefined ? {} : { waitP50: waitMs.p50 }),
  };
}

export function periodFigures(days: readonly DayRecord[]): PeriodFigures {
  const outcomes = days.flatMap((day) => day.outcomes);
  // What was accepted on days on which typing was not counted yet has nothing to be compared with.
  const counted = days.filter(({ activity }) => activity.has('typedChars'));
  const waits = outcomes.flatMap(({ totalMs }) => totalMs ?? []).sort((a, b) => a - b);
  return {
    ...takenFigures(outcomes),
    acceptedChars: sumOf(
      counted.flatMap((day) => day.outcomes),
      (each) => each.acceptedChars,
    ),
    typedChars: sumOf(counted, ({ activity }) => activity.get('typedChars') ?? 0),
    nAnswered: sumOf(counted, (day) => day.outcomes.length),
    nNothing: sumOf(counted, ({ activity }) => sumOf([...activity], ([kind, n]) => (isNone(kind) ? n : 0))),
    ...(waits.length === 0 ? {} : { waitMs: { p50: rank(waits, 0.5), p95: rank(waits, 0.95) } }),
  };
}

export function placeFigures(all: readonly OutcomeFigures[]): PlaceFigures[] {
  const outcomes = all.filter(({ isShown }) => isShown);
  const folders = new Map<string, string>();
  const folderOnce = (path: string): string => {
    const folder = folders.get(path) ?? folderOf(path);
    folders.set(path, folder);
    return folder;
  };
  const by = (kind: PlaceFigures['by'], nameOf: (each: OutcomeFigures) => string): PlaceFigures[] =>
    [...Map.groupBy(outcomes, nameOf)]
      .map(([name, group]) => ({
        by: kind,
        name,
        ...takenFigures(group),
        typedOut: countOf(group, (each) => each.kind === 'typedOut'),
      }))
      .sort((a, b) => b.shown - a.shown)
      .slice(0, nPlaces);
  return [...by('language', ({ languageId }) => languageId), ...by('folder', ({ path }) => folderOnce(path))];
}

/** The one that was shown most often first. */
export function adapterFigures(outcomes: readonly OutcomeFigures[]): AdapterOutcomes[] {
  return [...Map.groupBy(outcomes, ({ adapter }) => adapter)]
    .map(([adapter, group]): AdapterOutcomes => {
      const known = group.flatMap((each) => keptOfShown(each) ?? []);
      const { shown, keptChars } = takenFigures(group);
      return {
        ...{ adapter, shown, retainedChars: keptChars },
        accepted: countOf(group, ({ kind }) => kind === 'accepted'),
        retainedCharsPerShown: known.length === 0 ? 0 : sumOf(known, (chars) => chars) / known.length,
      };
    })
    .sort((a, b) => b.shown - a.shown);
}

/** Characters that are still there of a suggestion that was shown; undefined where it was not, or nothing is known of it. */
export function keptOfShown({ isShown, acceptedChars, similarity }: OutcomeFigures): number | undefined {
  return isShown && similarity !== undefined ? acceptedChars * similarity : undefined;
}

/** Nearest-rank percentiles of each stage, in the order in which stages first appear. */
export function percentiles(latencies: readonly Readonly<Record<string, number>>[]): LatencyRow[] {
  const entries = latencies.flatMap((each) => Object.entries(each));
  return [...Map.groupBy(entries, ([stage]) => stage)].map(([stage, group]) => {
    const sorted = group.map(([, ms]) => ms).sort((a, b) => a - b);
    return { stage, p50: rank(sorted, 0.5), p90: rank(sorted, 0.9), p99: rank(sorted, 0.99) };
  });
}

const rank = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

function takenFigures(
  outcomes: readonly OutcomeFigures[],
): Pick<PeriodFigures, 'shown' | 'taken' | 'keptChars'> {
  return {
    shown: countOf(outcomes, ({ isShown }) => isShown),
    taken: countOf(outcomes, ({ isShown, kind }) => isShown && isTaken(kind)),
    keptChars: Math.round(
      sumOf(outcomes, ({ acceptedChars, similarity }) => acceptedChars * (similarity ?? 0)),
    ),
  };
}

const isTaken = (kind: OutcomeFigures['kind']): boolean =>
  kind === 'accepted' || kind === 'partiallyAccepted';
const isNone = (kind: ActivityKind): boolean => kind.startsWith('none:');
const countOf = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  sumOf(items, (item) => (holds(item) ? 1 : 0));
const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

function folderOf(path: string): string {
  const folders = path.split('/').slice(0, -1).slice(0, folderDepth);
  return folders.length === 0 ? '.' : folders.join('/');
}

const isoDay = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => part.toString().padStart(2, '0'))
    .join('-');
