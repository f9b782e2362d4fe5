/** Outcomes per day as stacked bars: which kinds, in which order and colour, and their running sums. Pure. */

import type { OutcomeDay } from '../protocol/learning.ts';

export const outcomeSeries = [
  { kind: 'accepted', label: 'Accepted', color: '--vscode-charts-green' },
  { kind: 'partiallyAccepted', label: 'Accepted in part', color: '--vscode-charts-blue' },
  { kind: 'typedOut', label: 'Typed out', color: '--vscode-charts-purple' },
  { kind: 'ignored', label: 'Ignored', color: '--vscode-charts-yellow' },
  { kind: 'rejected', label: 'Rejected', color: '--vscode-charts-red' },
] as const satisfies readonly { kind: keyof OutcomeDay; label: string; color: string }[];

/** A list for each series: the height of its bar's top on each day, on top of those before it. */
export function stackedTops(days: readonly OutcomeDay[]): number[][] {
  let tops = days.map(() => 0);
  return outcomeSeries.map(({ kind }) => {
    tops = tops.map((top, index) => top + (days[index]?.[kind] ?? 0));
    return tops;
  });
}

/** One sentence for who cannot see the bars. */
export function outcomeSummary(days: readonly OutcomeDay[]): string {
  const total = (kind: Exclude<keyof OutcomeDay, 'day' | 'waitP50'>) =>
    days.reduce((sum, day) => sum + day[kind], 0);
  const parts = outcomeSeries.map(({ kind, label }) => `${label.toLowerCase()} ${total(kind)}`);
  return `${days.length} days, ${total('shown')} suggestions shown: ${parts.join(', ')}.`;
}
