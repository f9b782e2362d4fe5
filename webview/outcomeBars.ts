/** What became of suggestions each day as stacked bars: which kinds, in which order and color, and their running sums. Pure. */

import type { OutcomeDay } from '../protocol/learning.ts';
import { readableCount } from './readable.ts';

/** Typing something else is no failure: it is drawn quietly. */
export const outcomeSeries = [
  { kind: 'accepted', label: 'Accepted', color: '--vscode-charts-green', strength: 100 },
  { kind: 'partiallyAccepted', label: 'Accepted in part', color: '--vscode-charts-blue', strength: 100 },
  { kind: 'typedOut', label: 'Typed manually', color: '--vscode-charts-purple', strength: 100 },
  { kind: 'typedElse', label: 'Typed something else', color: '--vscode-foreground', strength: 42 },
  { kind: 'ignored', label: 'Ignored', color: '--vscode-foreground', strength: 20 },
  { kind: 'dismissed', label: 'Dismissed', color: '--vscode-charts-yellow', strength: 100 },
] as const;
export type SeriesKind = (typeof outcomeSeries)[number]['kind'];

export function countOf(day: OutcomeDay, kind: SeriesKind): number {
  return kind === 'typedElse' ? day.rejected - day.dismissed : day[kind];
}

/** A list for each series: the height of its bar's top on each day, on top of those before it. */
export function stackedTops(days: readonly OutcomeDay[]): number[][] {
  let tops = days.map(() => 0);
  return outcomeSeries.map(({ kind }) => {
    tops = tops.map((top, index) => top + countOf(days[index] as OutcomeDay, kind));
    return tops;
  });
}

/** "Accepted 12", of kinds that there were. */
export function dayLines(day: OutcomeDay): string[] {
  return outcomeSeries
    .map(({ kind, label }) => ({ label, count: countOf(day, kind) }))
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${label} ${readableCount(count)}`);
}

/** One sentence for who cannot see the bars. */
export function outcomeSummary(days: readonly OutcomeDay[]): string {
  const total = (of: (day: OutcomeDay) => number) => days.reduce((sum, day) => sum + of(day), 0);
  const parts = outcomeSeries.map(
    ({ kind, label }) => `${label.toLowerCase()} ${total((day) => countOf(day, kind))}`,
  );
  const counted = days.length === 1 ? '1 day' : `${days.length} days`;
  return `${counted}, ${total(({ shown }) => shown)} suggestions shown: ${parts.join(', ')}.`;
}
