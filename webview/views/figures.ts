/** The panels of figures: outcomes by day, places, what each adapter left, latency by stage, what it costs. */

import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardResult, LatencyRow, OutcomeDay, PlaceFigures } from '../../protocol/learning.ts';
import { countOf, dayLines, outcomeSeries, outcomeSummary, stackedTops } from '../outcomeBars.ts';
import {
  noFigure,
  readableBytes,
  readableCount,
  readableDay,
  readableDuration,
  readableMs,
} from '../readable.ts';
import type { Content } from './elements.ts';
import { adapterName, bar, empty, foldedPanel, panel, table } from './elements.ts';

export function outcomesPanel(days: readonly OutcomeDay[]): TemplateResult {
  const title = 'Suggestions per Day';
  if (days.length === 0) return panel('outcomes', title, empty('No suggestion in this time.'));
  return panel(
    'outcomes',
    title,
    html`<ul class="legend" aria-hidden="true">
        ${outcomeSeries.map(({ kind, label }) => html`<li><span class="swatch ${kind}"></span>${label}</li>`)}
      </ul>
      ${days.length === 1 ? oneDay(days[0] as OutcomeDay) : dayChart(days)}
      <details>
        <summary>As a table</summary>
        <div class="scroll" tabindex="0">${dayTable(days)}</div>
      </details>`,
  );
}

function dayChart(days: readonly OutcomeDay[]): TemplateResult {
  const tops = stackedTops(days);
  const data = {
    kind: 'stackedBars',
    x: days.map((_, index) => index),
    xLabel: (index: number) => readableDayAt(days, index),
    yTitle: 'suggestions',
    tip: (index: number) => {
      const day = days[index];
      return day === undefined ? [] : [readableDay(day.day), ...dayLines(day)];
    },
    series: outcomeSeries.map(({ label, color, strength }, index) => ({
      ...{ label, color, strength },
      values: tops[index] ?? [],
    })),
  } as const;
  return html`<idiom-chart role="img" aria-label=${outcomeSummary(days)} .data=${data}></idiom-chart>`;
}

/** A chart of one day is one bar. */
function oneDay(day: OutcomeDay): TemplateResult {
  const total = outcomeSeries.reduce((sum, { kind }) => sum + countOf(day, kind), 0);
  let x = 0;
  const parts = outcomeSeries.map(({ kind }) => {
    const width = total === 0 ? 0 : (100 * countOf(day, kind)) / total;
    x += width;
    return svg`<rect class="part ${kind}" x=${x - width} width=${width} height="10"></rect>`;
  });
  return html`<p>${readableDay(day.day)}: ${dayLines(day).join(', ')}</p>
    <svg
      class="one-day"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label=${outcomeSummary([day])}
    >
      ${parts}
    </svg>`;
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
      ...outcomeSeries.map(({ kind }) => readableCount(countOf(day, kind))),
      readableCount(day.retainedChars),
      day.waitP50 === undefined ? noFigure : readableMs(day.waitP50),
    ]);
  const columns = [
    { title: 'Day' },
    { title: 'Shown', isNumber: true },
    ...counts,
    { title: 'Characters kept', isNumber: true },
    { title: 'Time to text, ms', isNumber: true },
  ];
  return table('Suggestions per day', columns, rows);
}

/** Of fewer suggestions, a share says nothing. */
const minShown = 20;

export function placesPanel(places: readonly PlaceFigures[]): TemplateResult {
  const title = 'Where It Helps';
  if (places.length === 0) return panel('places', title, empty('No suggestion was shown in this time.'));
  const of = (by: PlaceFigures['by']) => places.filter((place) => place.by === by);
  return panel('places', title, [placeTable('Language', of('language')), placeTable('Folder', of('folder'))]);
}

function placeTable(what: string, places: readonly PlaceFigures[]): TemplateResult {
  const columns = [
    { title: what },
    { title: 'Accepted', isNumber: true },
    { title: '' },
    { title: 'Shown', isNumber: true },
    { title: 'Characters kept', isNumber: true, isExtra: true },
  ];
  const rows = places.map(({ name, shown, taken, keptChars }): Content[] => [
    what === 'Folder' ? html`<code>${name === '.' ? './' : name}</code>` : name,
    shown < minShown
      ? html`<span class="quiet" title="Fewer than ${minShown} suggestions">too few</span>`
      : `${Math.round((100 * taken) / shown)} %`,
    shown < minShown ? nothing : bar(taken / shown, 'good'),
    readableCount(shown),
    readableCount(keptChars),
  ]);
  return table(`Accepted suggestions by ${what.toLowerCase()}`, columns, rows, 'places');
}

const nAdapters = 10;

export function adaptersPanel({ byAdapter, versions }: DashboardResult): TemplateResult {
  const title = 'Characters Kept per Suggestion, by Version';
  if (byAdapter.length === 0)
    return foldedPanel('adapters', title, empty('No suggestion was shown in this time.'));
  const most = Math.max(...byAdapter.map((each) => each.retainedCharsPerShown));
  const columns = [
    { title: 'Version' },
    { title: 'Kept', isNumber: true },
    { title: '' },
    { title: 'Shown', isNumber: true },
    { title: 'Accepted', isNumber: true },
  ];
  const rows = byAdapter
    .slice(0, nAdapters)
    .map((each) => [
      adapterName(versions.versions, each.adapter),
      each.retainedCharsPerShown.toFixed(2),
      bar(most === 0 ? 0 : each.retainedCharsPerShown / most, 'good'),
      readableCount(each.shown),
      readableCount(each.accepted),
    ]);
  const more = byAdapter.length - rows.length;
  return foldedPanel('adapters', title, [
    html`<p class="quiet">
      Versions were in use at different times, so that other things may differ too; the tile above compares
      with an interval.
    </p>`,
    table('Characters kept, by version', columns, rows),
    more > 0 ? html`<p class="empty">And ${readableCount(more)} that were shown less often.</p>` : nothing,
  ]);
}

const stageNames: Readonly<Record<string, string>> = {
  debounce: 'Waiting for a pause in typing',
  retrieve: 'Searching the repository',
  prompt: 'Building the prompt',
  queue: 'Waiting for the model',
  prefill: 'Reading the prompt',
  decode: 'Writing the suggestion',
  filter: 'Checking the suggestion',
  total: 'Total',
};

export function latencyPanel(latency: readonly LatencyRow[]): TemplateResult {
  const title = 'Time by Stage';
  if (latency.length === 0) return foldedPanel('latency', title, empty('No suggestion has been timed yet.'));
  const most = Math.max(...latency.map(({ p90 }) => p90));
  const columns = [
    { title: 'Stage' },
    { title: 'Median', isNumber: true },
    { title: '90 % within', isNumber: true },
    { title: '99 % within', isNumber: true },
    { title: '' },
  ];
  const rows = latency.map(({ stage, p50, p90, p99 }) => [
    html`<span title=${stage}>${stageNames[stage] ?? stage}</span>`,
    readableMs(p50),
    readableMs(p90),
    readableMs(p99),
    bar(most === 0 ? 0 : p90 / most),
  ]);
  return foldedPanel('latency', title, [
    table('Time by stage, milliseconds', columns, rows),
    html`<p class="quiet">Milliseconds of the last 1,000 suggestions; bars show what 90 % stay within.</p>`,
  ]);
}

export function costPanel({ storage, index, cost, period }: DashboardResult): TemplateResult {
  const rows = storage.map(({ what, sizeBytes }) => [what, readableBytes(sizeBytes)]);
  const trainings = cost.nTrainings === 1 ? '1 training' : `${readableCount(cost.nTrainings)} trainings`;
  const computing =
    cost.nTrainings === 0
      ? `No training in the last ${period.nDays} days.`
      : `${trainings} in the last ${period.nDays} days took ${readableDuration(cost.trainingCpuMs)} of processor time.`;
  const about =
    index === undefined
      ? 'There is no index of this repository yet; it begins when a file of it is opened.'
      : `The index holds ${readableCount(index.nFiles)} files in ${readableCount(index.nChunks)} chunks, ${readableBytes(index.indexBytes)}.`;
  return foldedPanel('cost', 'What It Costs', [
    html`<p>${computing}</p>
      <p>${about}</p>`,
    rows.length === 0
      ? nothing
      : table('Disk space', [{ title: 'Disk space' }, { title: 'Size', isNumber: true }], rows),
  ]);
}
