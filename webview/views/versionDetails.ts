/** One version: what it descends from and learned from, what the gate found rule by rule, and how it compares with another. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { EvalReport, SetSummary } from '../../protocol/evalReport.ts';
import type { AdapterVersion, DashboardResult } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import { noFigure, readableBytes, readableChange, readableCount, readableDuration } from '../readable.ts';
import { lineageOf, sourcesText } from '../versionRows.ts';
import { comparison } from './comparison.ts';
import { versionName } from '../../protocol/versionName.ts';
import { adapterName, chip, table } from './elements.ts';
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
      <h3 id="details-title">${versionName(versions.versions, version.digest)}</h3>
      <vscode-button secondary @click=${() => hands.click({ kind: 'openVersion', digest: undefined })}
        >Close</vscode-button
      >
    </header>
    ${facts(version, versions.versions, hands)} ${notices(version)}
    ${trouble === undefined ? reportView(report, versions.versions) : html`<p class="note bad">${trouble.sentence} ${trouble.remedy}</p>`}
    ${comparison(version, state, versions, hands)}
  </article>`;
}

function facts(
  version: AdapterVersion,
  versions: readonly AdapterVersion[],
  { click }: Hands,
): TemplateResult {
  const { training } = version;
  const lineage = lineageOf(versions, version.digest);
  const trained =
    training === undefined
      ? noFigure
      : `${readableCount(training.nTokens)} tokens in ${readableCount(training.nSteps)} steps, ${readableDuration(training.durationMs)}`;
  const nMore = lineage.length - nAncestors - 1;
  const line = lineage
    .slice(0, nAncestors + 1)
    .map((digest, index) =>
      index === 0
        ? adapterName(versions, digest)
        : html`<button type="button" class="link" @click=${() => click({ kind: 'openVersion', digest })}>
            ${adapterName(versions, digest)}
          </button>`,
    );
  const rows: readonly (readonly [string, TemplateResult | string | TemplateResult[]])[] = [
    [
      'Descends',
      lineage.length > 1
        ? html`${line.slice(1)}${nMore > 0 ? ` and ${nMore} before` : ''}`
        : 'no other version',
    ],
    ['Learned from', sourcesText(version.sources)],
    ['Training', trained],
    ['Up to commit', html`<code>${version.asOf.slice(0, 10)}</code>`],
    ['Base model', version.baseName],
    ['Size', readableBytes(version.sizeBytes)],
    ['Digest', html`<code class="digest">${version.digest}</code>`],
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

/** What is wrong with it, and why it is not used. */
function notices({ notices: sentences }: AdapterVersion): TemplateResult | typeof nothing {
  if (sentences.length === 0) return nothing;
  return html`<ul class="findings">
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`;
}

function reportView(
  report: EvalReport | null | undefined,
  versions: readonly AdapterVersion[],
): TemplateResult {
  if (report === undefined) return html`<p role="status">Reading the evaluation ...</p>`;
  if (report === null) return html`<p class="empty">This version is not evaluated.</p>`;
  return html`
    <h4>
      Evaluation against ${versionName(versions, report.champion)}:
      ${report.verdict === 'pass' ? 'passed' : 'not passed'}
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
