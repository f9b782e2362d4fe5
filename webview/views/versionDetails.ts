/** One version: what it descends from and learned from, what the gate found rule by rule, and how it compares with another. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { EvalReport, SetSummary } from '../../protocol/evalReport.ts';
import type { AdapterVersion, DashboardResult } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import {
  noFigure,
  readableBytes,
  readableChange,
  readableCount,
  readableDuration,
  shortName,
} from '../readable.ts';
import { lineageOf, sourcesText } from '../versionRows.ts';
import { comparison } from './comparison.ts';
import { chip, table, versionName } from './elements.ts';
import type { Hands } from './page.ts';

/** So many are named of those that a version descends from. */
const nAncestors = 6;

export function versionDetails(
  version: AdapterVersion,
  state: DashboardState,
  { versions }: DashboardResult,
  hands: Hands,
): TemplateResult {
  const report = state.reports.get(version.digest);
  const trouble = state.reportTroubles.get(version.digest);
  return html`<article class="details" aria-labelledby="details-title">
    <header class="panel-header">
      <h3 id="details-title">Version ${shortName(version.digest)}</h3>
      <vscode-button secondary @click=${() => hands.click({ kind: 'openVersion', digest: undefined })}
        >Close</vscode-button
      >
    </header>
    ${facts(version, lineageOf(versions.versions, version.digest), hands)}
    ${trouble === undefined ? reportView(report) : html`<p class="note bad">${trouble.sentence} ${trouble.remedy}</p>`}
    ${comparison(version, state, versions, hands)}
  </article>`;
}

function facts(version: AdapterVersion, lineage: readonly string[], { click }: Hands): TemplateResult {
  const { training } = version;
  const trained =
    training === undefined
      ? noFigure
      : `${readableCount(training.nTokens)} tokens in ${readableCount(training.nSteps)} steps, ${readableDuration(training.durationMs)}`;
  const nMore = lineage.length - nAncestors - 1;
  const line = lineage.slice(0, nAncestors + 1).map((digest, index) =>
    index === 0
      ? versionName(digest)
      : html` from
          <button type="button" class="link" @click=${() => click({ kind: 'openVersion', digest })}>
            ${versionName(digest)}
          </button>`,
  );
  const rows: readonly (readonly [string, TemplateResult | string | TemplateResult[]])[] = [
    [
      'Descends',
      lineage.length > 1 ? html`${line}${nMore > 0 ? ` and ${nMore} before` : ''}` : 'from no other version',
    ],
    ['Learned from', sourcesText(version.sources)],
    ['Training', trained],
    ['Up to commit', html`<code>${version.asOf.slice(0, 10)}</code>`],
    ['Base model', version.baseName],
    ['Size', readableBytes(version.sizeBytes)],
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function reportView(report: EvalReport | null | undefined): TemplateResult {
  if (report === undefined) return html`<p role="status">Reading the gate's report ...</p>`;
  if (report === null) return html`<p class="empty">The gate has not judged this version.</p>`;
  return html`
    <h4>
      The gate: ${report.verdict === 'pass' ? 'passed' : 'refused'} against ${versionName(report.champion)}
    </h4>
    <ul class="rules">
      ${report.rules.map(
        ({ holds, reason }) =>
          html`<li>${chip(holds ? 'holds' : 'fails', holds ? 'good' : 'bad')} <span>${reason}</span></li>`,
      )}
    </ul>
    <div class="scroll">${setsTable(report.sets)}</div>
    ${findings(report)}
  `;
}

function setsTable(sets: EvalReport['sets']): TemplateResult {
  const columns = [
    { title: 'Set' },
    { title: 'Cases', isNumber: true },
    { title: 'NLL before', isNumber: true },
    { title: 'NLL now', isNumber: true },
    { title: 'Change, 95 %', isNumber: true },
    { title: 'Exact before', isNumber: true },
    { title: 'Exact now', isNumber: true },
  ];
  const rows = Object.entries(sets).map(([name, set]: [string, SetSummary]) => [
    name,
    readableCount(set.nCases),
    set.nll.champion.toFixed(3),
    set.nll.candidate.toFixed(3),
    readableChange(set.nll),
    set.exactMatch === undefined ? noFigure : inPercent(set.exactMatch.champion),
    set.exactMatch === undefined ? noFigure : inPercent(set.exactMatch.candidate),
  ]);
  return table('Results by set', columns, rows);
}

const inPercent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** What went wrong in particular, and where it is weak. */
function findings({ regression, memorisation, weaknesses }: EvalReport): TemplateResult | typeof nothing {
  const failed = regression.filter(({ passed }) => !passed);
  const sentences = [
    ...failed.map(({ name, reasons }) => `Regression case "${name}" failed. ${reasons.join(' ')}`),
    ...memorisation.leaked.map(
      ({ path, line, why }) => `Something secret of ${path}:${line} may have been learned: ${why}`,
    ),
    ...weaknesses
      .slice(0, 3)
      .map(
        ({ by, name, nWorse, nCases }) =>
          `Weak where the ${by} is ${name}: worse on ${nWorse} of ${nCases} cases.`,
      ),
  ];
  if (sentences.length === 0) return nothing;
  return html`<ul class="findings">
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`;
}
