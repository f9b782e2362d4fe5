/** The panels of figures: outcomes by day, what each adapter left, latency by stage, index and storage. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type {
  AdapterOutcomes,
  Aliases,
  DashboardResult,
  LatencyRow,
  OutcomeDay,
} from '../../protocol/learning.ts';
import { outcomeSeries, outcomeSummary, stackedTops } from '../outcomeBars.ts';
import { readableBytes, readableCount, readableDay, readableMs } from '../readable.ts';
import { bar, empty, panel, table, versionName } from './elements.ts';

export function outcomesPanel(days: readonly OutcomeDay[]): TemplateResult {
  if (days.length === 0)
    return panel('outcomes', 'Outcomes per Day', empty('No suggestion has been recorded here yet.'));
  const tops = stackedTops(days);
  const data = {
    kind: 'stackedBars',
    x: days.map((_, index) => index),
    xLabel: (index: number) => readableDayAt(days, index),
    series: outcomeSeries.map(({ label, color }, index) => ({ label, color, values: tops[index] ?? [] })),
  } as const;
  return panel(
    'outcomes',
    'Outcomes per Day',
    html`<ul class="legend" aria-hidden="true">
        ${outcomeSeries.map(({ kind, label }) => html`<li><span class="swatch ${kind}"></span>${label}</li>`)}
      </ul>
      <idiom-chart role="img" aria-label=${outcomeSummary(days)} .data=${data}></idiom-chart>
      <details>
        <summary>As a table</summary>
        <div class="scroll">${dayTable(days)}</div>
      </details>`,
  );
}

function readableDayAt(days: readonly OutcomeDay[], index: number): string {
  const day = days[index]?.day;
  return day === undefined ? '' : readableDay(day);
}

function dayTable(days: readonly OutcomeDay[]): TemplateResult {
  const counts = outcomeSeries.map(({ label }) => ({ title: label, isNumber: true }));
  const rows = days
    .toReversed()
    .map((day) => [
      day.day,
      readableCount(day.shown),
      ...outcomeSeries.map(({ kind }) => readableCount(day[kind])),
      readableCount(day.retainedChars),
    ]);
  const columns = [
    { title: 'Day' },
    { title: 'Shown', isNumber: true },
    ...counts,
    { title: 'Characters kept', isNumber: true },
  ];
  return table('Outcomes per day', columns, rows);
}

const nAdapters = 10;

export function adaptersPanel(adapters: readonly AdapterOutcomes[], aliases: Aliases): TemplateResult {
  const title = 'Characters Kept per Suggestion Shown';
  if (adapters.length === 0) return panel('adapters', title, empty('It takes a few suggestions to tell.'));
  const most = Math.max(...adapters.map((each) => each.retainedCharsPerShown));
  const columns = [
    { title: 'Adapter' },
    { title: 'Kept', isNumber: true },
    { title: '' },
    { title: 'Shown', isNumber: true },
    { title: 'Accepted', isNumber: true },
  ];
  const rows = adapters
    .slice(0, nAdapters)
    .map((each) => [
      html`${versionName(each.adapter)} <span class="quiet">${aliasOf(each.adapter, aliases)}</span>`,
      each.retainedCharsPerShown.toFixed(2),
      bar(most === 0 ? 0 : each.retainedCharsPerShown / most, 'good'),
      readableCount(each.shown),
      readableCount(each.accepted),
    ]);
  const more = adapters.length - rows.length;
  return panel('adapters', title, [
    table('Characters kept, by adapter', columns, rows),
    more > 0 ? html`<p class="empty">And ${readableCount(more)} that were shown less often.</p>` : nothing,
  ]);
}

function aliasOf(adapter: string, aliases: Aliases): string {
  return (['champion', 'previous', 'canary'] as const).find((alias) => aliases[alias] === adapter) ?? '';
}

export function latencyPanel(latency: readonly LatencyRow[]): TemplateResult {
  const title = 'Latency by Stage';
  if (latency.length === 0) return panel('latency', title, empty('No suggestion has been timed yet.'));
  const most = Math.max(...latency.map(({ p90 }) => p90));
  const columns = [
    { title: 'Stage' },
    { title: 'p50', isNumber: true },
    { title: 'p90', isNumber: true },
    { title: 'p99', isNumber: true },
    { title: '' },
  ];
  const rows = latency.map(({ stage, p50, p90, p99 }) => [
    stage,
    readableMs(p50),
    readableMs(p90),
    readableMs(p99),
    bar(most === 0 ? 0 : p90 / most),
  ]);
  return panel('latency', title, table('Latency by stage, milliseconds', columns, rows), {
    aside: html`<span class="aside">milliseconds, the last 1,000 suggestions</span>`,
  });
}

export function storagePanel({ storage, index }: DashboardResult): TemplateResult {
  const rows = storage.map(({ what, sizeBytes }) => [what, readableBytes(sizeBytes)]);
  const about =
    index === undefined
      ? 'There is no index of this repository yet; it begins when a file of it is opened.'
      : `The index holds ${readableCount(index.nFiles)} files in ${readableCount(index.nChunks)} chunks, ${readableBytes(index.indexBytes)}.`;
  return panel('storage', 'Index and Storage', [
    html`<p>${about}</p>`,
    rows.length === 0
      ? nothing
      : table('Storage', [{ title: 'What' }, { title: 'Size', isNumber: true }], rows),
  ]);
}
