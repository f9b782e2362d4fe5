/** The top row, which answers "is it helping me?": figures with their change and their days, and never a mean without how sure it is. Pure. */

import type { NumberedVersion } from '../protocol/versionName.ts';
import { versionName } from '../protocol/versionName.ts';
import type { DashboardPeriod, DashboardResult, LearnedEffect, OutcomeDay } from '../protocol/learning.ts';
import { minus, noFigure, readableCount, readableSeconds } from './readable.ts';

export interface Tile {
  readonly id: 'accepted' | 'kept' | 'wait' | 'learned';
  readonly title: string;
  readonly value: string;
  /** Sentences below the value. */
  readonly notes: readonly string[];
  readonly change?: Change;
  /** One value a day, oldest first; undefined: nothing that day. */
  readonly spark: readonly (number | undefined)[];
}
export interface Change {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'none';
}

/** A day with fewer suggestions has no share to speak of. */
const minShownOfDay = 5;

export function tilesOf({
  days,
  period,
  learned,
  versions,
}: Pick<DashboardResult, 'days' | 'period' | 'learned' | 'versions'>): Tile[] {
  return [
    acceptedTile(days, period),
    keptTile(days, period),
    waitTile(days, period),
    learnedTile(days, learned, versions.versions),
  ];
}

function acceptedTile(days: readonly OutcomeDay[], { nDays, current, previous }: DashboardPeriod): Tile {
  const share = shareOf(current.taken, current.shown);
  const before = previous === undefined ? undefined : shareOf(previous.taken, previous.shown);
  const points = share === undefined || before === undefined ? undefined : Math.round(100 * (share - before));
  return {
    id: 'accepted',
    title: 'Suggestions accepted',
    value: share === undefined ? noFigure : percentOf(share),
    notes: [
      share === undefined
        ? 'No suggestion was shown in this time.'
        : `${readableCount(current.taken)} of ${readableCount(current.shown)} shown, whole or in part`,
    ],
    ...changeOf(points, nDays, {
      unit: points === 1 || points === -1 ? ' point' : ' points',
      isMoreBetter: true,
    }),
    spark: days.map(({ taken, shown }) => (shown < minShownOfDay ? undefined : taken / shown)),
  };
}

function keptTile(
  days: readonly OutcomeDay[],
  { nDays, current, previous, keptToday, keptThisWeek }: DashboardPeriod,
): Tile {
  const share = shareOf(current.acceptedChars, current.acceptedChars + current.typedChars);
  const ratio =
    previous === undefined || previous.keptChars === 0 ? undefined : current.keptChars / previous.keptChars;
  return {
    id: 'kept',
    title: 'Characters kept',
    value: `${readableCount(keptToday)} today`,
    notes: [
      `${readableCount(keptThisWeek)} in the last 7 days`,
      share === undefined
        ? 'Share of the code you write: not counted yet'
        : `${percentOf(share)} of the code you wrote`,
    ],
    ...changeOf(ratio === undefined ? undefined : Math.round(100 * (ratio - 1)), nDays, {
      unit: ' %',
      isMoreBetter: true,
    }),
    spark: days.map(({ retainedChars }) => retainedChars),
  };
}

function waitTile(days: readonly OutcomeDay[], { nDays, current, previous }: DashboardPeriod): Tile {
  const { waitMs, nAnswered, nNothing } = current;
  const none = shareOf(nNothing, nAnswered + nNothing);
  const before = previous?.waitMs?.p50;
  const change =
    waitMs === undefined || before === undefined || before === 0 ? undefined : waitMs.p50 / before - 1;
  return {
    id: 'wait',
    title: 'Time to text',
    value: waitMs === undefined ? noFigure : readableSeconds(waitMs.p50),
    notes: [
      waitMs === undefined
        ? 'No suggestion was timed in this time.'
        : `from the last key, at the median; 95 % within ${readableSeconds(waitMs.p95)}`,
      none === undefined
        ? 'Pauses without text: not counted yet'
        : `${percentOf(none)} of pauses brought no text`,
    ],
    ...changeOf(change === undefined ? undefined : Math.round(100 * change), nDays, {
      unit: ' %',
      isMoreBetter: false,
    }),
    spark: days.map(({ waitP50 }) => waitP50),
  };
}

function learnedTile(
  days: readonly OutcomeDay[],
  learned: LearnedEffect,
  versions: readonly NumberedVersion[],
): Tile {
  return {
    id: 'learned',
    title: 'What learning brought',
    ...learnedText(learned, versions),
    spark: days.map(({ retainedChars, shown }) =>
      shown < minShownOfDay ? undefined : retainedChars / shown,
    ),
  };
}

/** Characters kept per suggestion, as a change with its interval; words where that is not known or not certain. */
export function learnedText(
  learned: LearnedEffect,
  versions: readonly NumberedVersion[],
): Pick<Tile, 'value' | 'notes'> {
  switch (learned.kind) {
    case 'none':
      return { value: 'Nothing yet', notes: ['No version trained on this repository is in use.'] };
    case 'tooFew': {
      const name = versionName(versions, learned.version);
      const notes = [
        `${readableCount(learned.n)} of about ${readableCount(learned.nNeeded)} suggestions to compare ${name} with the ${versionName(versions, learned.against)}`,
      ];
      return { value: 'Not measurable yet', notes: [notes[0]?.replace(/the (v\d+)$/, '$1') ?? ''] };
    }
    case 'measured': {
      const { ratio, low, high, isAll } = learned;
      const since = `${isAll ? 'since the first version, ' : 'since '}${versionName(versions, learned.version)}`;
      const interval = `95 % CI ${signedPercent(low)} to ${signedPercent(high)}`;
      const isCertain = low > 1 || high < 1;
      return {
        value: isCertain ? signedPercent(ratio) : 'No certain difference',
        notes: [`characters kept per suggestion ${since} (${interval})`],
      };
    }
  }
}

function changeOf(
  change: number | undefined,
  nDays: number,
  { unit, isMoreBetter }: { readonly unit: string; readonly isMoreBetter: boolean },
): { change?: Change } {
  if (change === undefined) return {};
  const than = `than in the ${nDays} days before`;
  if (change === 0) return { change: { text: `as in the ${nDays} days before`, tone: 'none' } };
  const isMore = change > 0;
  const tone = isMore === isMoreBetter ? 'good' : 'bad';
  return {
    change: { text: `${readableCount(Math.abs(change))}${unit} ${isMore ? 'more' : 'less'} ${than}`, tone },
  };
}

const shareOf = (part: number, all: number): number | undefined => (all === 0 ? undefined : part / all);
const percentOf = (share: number): string => `${Math.round(100 * share)} %`;

function signedPercent(ratio: number): string {
  const change = Math.round(100 * (ratio - 1));
  return `${change < 0 ? minus : '+'}${Math.abs(change)} %`;
}
