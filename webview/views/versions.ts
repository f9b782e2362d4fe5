/** The table of versions, and below it the details of the one that is open. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { AdapterVersion, DashboardResult } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import { noFigure, readableChange } from '../readable.ts';
import { pageOf, verdictOf, versionsPerPage } from '../versionRows.ts';
import { age, chip, empty, pager, panel, table, versionName } from './elements.ts';
import type { Hands } from './page.ts';
import { versionDetails } from './versionDetails.ts';

const columns = [
  { title: 'Version' },
  { title: 'In use as' },
  { title: 'Trained' },
  { title: 'Parent', isExtra: true },
  { title: 'Gate' },
  { title: 'Change of NLL', isNumber: true, isExtra: true },
  { title: '' },
];

export function versionsPanel(state: DashboardState, result: DashboardResult, hands: Hands): TemplateResult {
  const { versions } = result.versions;
  if (versions.length === 0)
    return panel('versions', 'Versions', empty('Nothing has been trained here yet. Train Now begins.'), {
      isWide: true,
    });
  const page = pageOf(versions, state.versionPage, versionsPerPage);
  const open = versions.find(({ digest }) => digest === state.openVersion);
  return panel(
    'versions',
    'Versions',
    [
      table(
        'Adapter versions, newest first',
        columns,
        page.rows.map((version) => row(version, state, hands)),
      ),
      pager('versions', page, (index) => hands.click({ kind: 'page', of: 'versionPage', index })),
      open === undefined ? nothing : versionDetails(open, state, result, hands),
    ],
    {
      isWide: true,
      aside: html`<span class="aside">NLL: nats per token on held-out lines; below zero is better</span>`,
    },
  );
}

function row(
  version: AdapterVersion,
  state: DashboardState,
  hands: Hands,
): (TemplateResult | string | typeof nothing)[] {
  const { digest, parentDigest, nllChange, notices } = version;
  const verdict = verdictOf(version);
  return [
    nameButton(version, state, hands),
    html`${version.aliases.map((alias) => html`<vscode-badge class="alias ${alias}">${alias}</vscode-badge> `)}`,
    age(version.createdAtMs),
    parentDigest === undefined ? html`<span class="quiet">afresh</span>` : versionName(parentDigest),
    html`${chip(verdict.text, verdict.tone)}${notices.map((notice) => html`<p class="row-notice">${notice}</p>`)}`,
    nllChange === undefined ? noFigure : readableChange(nllChange),
    version.aliases.includes('champion') || !state.isTrusted
      ? nothing
      : html`<vscode-button
          secondary
          aria-label="Promote ${digest.slice(0, 10)}"
          @click=${() => hands.send({ kind: 'act', action: 'promote', digest })}
          >Promote</vscode-button
        >`,
  ];
}

function nameButton(
  { digest }: AdapterVersion,
  { openVersion }: DashboardState,
  { click }: Hands,
): TemplateResult {
  const isOpen = digest === openVersion;
  return html`<button
    type="button"
    class="link"
    data-version=${digest}
    aria-expanded=${isOpen}
    title="Details and comparison of ${digest}"
    @click=${() => click({ kind: 'openVersion', digest: isOpen ? undefined : digest })}
  >
    ${versionName(digest)}
  </button>`;
}
