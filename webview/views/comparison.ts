/** Two versions case by case: what each wrote, coloured by how it differs from what was really written. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { CaseSide } from '../../protocol/evalReport.ts';
import type { AdapterVersion, VersionsResult } from '../../protocol/learning.ts';
import { compareVersions, filterCases } from '../compareCases.ts';
import type { CaseFilter, ComparedCase, Comparison } from '../compareCases.ts';
import type { DashboardState } from '../dashboardState.ts';
import { versionName } from '../../protocol/versionName.ts';
import { readableCount, signed } from '../readable.ts';
import { diffTexts } from '../textDiff.ts';
import { choiceText, pageOf } from '../versionRows.ts';
import { chip, empty, pager } from './elements.ts';
import type { Hands } from './page.ts';

const casesPerPage = 8;
const maxChoices = 200;

const filters: readonly { readonly filter: CaseFilter; readonly text: string }[] = [
  { filter: 'all', text: 'All' },
  { filter: 'better', text: 'Better' },
  { filter: 'worse', text: 'Worse' },
  { filter: 'otherText', text: 'Other text' },
];

export function comparison(
  { digest }: AdapterVersion,
  state: DashboardState,
  versions: VersionsResult,
  hands: Hands,
): TemplateResult | typeof nothing {
  const report = state.reports.get(digest);
  const other = state.compareWith ?? report?.champion;
  if (other === undefined) return nothing;
  const compared = compareVersions(other, digest, state.reports);
  return html`
    <div class="compare-head">
      <h4>Compared with</h4>
      ${otherChoice(digest, other, report?.champion, versions, hands)} ${filterButtons(state, hands)}
    </div>
    ${compared === undefined ? missing(other, state) : cases(compared, namesOf(other, digest, versions), state, hands)}
  `;
}

function missing(other: string, { reports, reportTroubles }: DashboardState): TemplateResult {
  const trouble = reportTroubles.get(other);
  if (trouble !== undefined) return html`<p class="note bad">${trouble.sentence} ${trouble.remedy}</p>`;
  return reports.has(other)
    ? empty('That version was not evaluated, so there are no cases to compare.')
    : html`<p role="status">Reading the other report ...</p>`;
}

function otherChoice(
  digest: string,
  other: string,
  champion: string | undefined,
  known: VersionsResult,
  { click }: Hands,
): TemplateResult {
  const names = new Set([champion, other, ...known.versions.slice(0, maxChoices).map((each) => each.digest)]);
  const choices = [...names].filter((name) => name !== undefined).filter((name) => name !== digest);
  const choose = (event: Event) =>
    click({ kind: 'compareWith', digest: (event.target as HTMLSelectElement).value });
  return html`<vscode-single-select aria-label="Compared with" .value=${other} @change=${choose}>
    ${choices.map(
      (name) =>
        html`<vscode-option value=${name} ?selected=${name === other}
          >${choiceText(name, known)}${name === champion ? ' (evaluated against)' : ''}</vscode-option
        >`,
    )}
  </vscode-single-select>`;
}

function filterButtons({ caseFilter }: DashboardState, { click }: Hands): TemplateResult {
  return html`<div class="filters" role="group" aria-label="Which cases">
    ${filters.map(
      ({ filter, text }) =>
        html`<button
          type="button"
          class="filter"
          aria-pressed=${filter === caseFilter}
          @click=${() => click({ kind: 'caseFilter', filter })}
        >
          ${text}
        </button>`,
    )}
  </div>`;
}

const namesOf = (left: string, right: string, { versions }: VersionsResult): Names => ({
  left: versionName(versions, left),
  right: versionName(versions, right),
});

interface Names {
  readonly left: string;
  readonly right: string;
}

function cases(compared: Comparison, names: Names, state: DashboardState, hands: Hands): TemplateResult {
  const chosen = filterCases(compared.cases, state.caseFilter);
  const page = pageOf(chosen, state.casePage, casesPerPage);
  const nLeftOut =
    compared.nLeftOut === 0
      ? nothing
      : html`<p class="empty">
          ${readableCount(compared.nLeftOut)} cases are left out: only one of the two was measured on them.
        </p>`;
  return html`
    <p class="key"><span class="same">as written</span> <del>not written</del> <ins>missing</ins></p>
    ${page.rows.length === 0 ? empty('No such case.') : page.rows.map((each) => caseView(each, names, hands))}
    ${pager('cases', page, (index) => hands.click({ kind: 'page', of: 'casePage', index }))} ${nLeftOut}
  `;
}

function caseView(each: ComparedCase, names: Names, { send }: Hands): TemplateResult {
  const { path, line, set, before, nllChange } = each;
  const tone = nllChange < 0 ? 'good' : nllChange > 0 ? 'bad' : 'none';
  return html`<section class="case" aria-label="${path}, line ${line}">
    <header>
      <button type="button" class="link" @click=${() => send({ kind: 'open', path, line })}>
        ${path}:${line}
      </button>
      <span class="quiet">${set}</span>
      ${chip(`${signed(nllChange, 2)} nats per token`, tone)}
    </header>
    <pre class="before" aria-label="The lines before">${lastLines(before)}</pre>
    <div class="sides">
      ${side(names.left, each.left, each.middle)} ${side(names.right, each.right, each.middle)}
    </div>
  </section>`;
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-3).join('\n');

function side(name: string, { text, nll, isExactMatch }: CaseSide, middle: string): TemplateResult {
  return html`<div class="side">
    <div class="side-head">
      <span>${name}</span><span class="quiet">NLL ${nll.toFixed(2)}</span>
      ${isExactMatch === true ? chip('exact', 'good') : nothing}
    </div>
    ${
      text === undefined
        ? html`<p class="quiet">Only scored, not completed.</p>`
        : html`<pre>${diffTexts(text, middle).map(part)}</pre>`
    }
  </div>`;
}

function part({ kind, text }: ReturnType<typeof diffTexts>[number]): TemplateResult | string {
  if (kind === 'same') return text;
  return kind === 'insert' ? html`<ins>${text}</ins>` : html`<del>${text}</del>`;
}
