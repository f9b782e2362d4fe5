/** The table of versions, cards where the page is narrow, and below it the details of the one that is open. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { AdapterVersion, DashboardResult } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import { aliasNames, verdictText } from '../learningText.ts';
import { readableCount } from '../readable.ts';
import { pageOf, versionsPerPage } from '../versionRows.ts';
import { age, chip, empty, pager, panel, table } from './elements.ts';
import type { Hands } from './page.ts';
import { versionDetails } from './versionDetails.ts';

const columns = [
  { title: 'Version' },
  { title: 'Status' },
  { title: 'Trained' },
  { title: 'Examples', isNumber: true, isExtra: true },
  { title: 'Evaluation' },
  { title: '' },
];

export function versionsPanel(state: DashboardState, result: DashboardResult, hands: Hands): TemplateResult {
  const { versions } = result.versions;
  if (versions.length === 0)
    return panel(
      'versions',
      'Versions',
      empty(
        'No versions yet. Each training makes one, which is used only if it is better than the one before.',
      ),
      { isWide: true },
    );
  const page = pageOf(versions, state.versionPage, versionsPerPage);
  const open = versions.find(({ digest }) => digest === state.openVersion);
  return panel(
    'versions',
    'Versions',
    [
      table(
        'Versions, newest first',
        columns,
        page.rows.map((version) => row(version, state, versions, hands)),
        'cards',
      ),
      pager('versions', page, (index) => hands.click({ kind: 'page', of: 'versionPage', index })),
      open === undefined ? nothing : versionDetails(open, state, result, hands),
    ],
    { isWide: true },
  );
}

function row(
  version: AdapterVersion,
  state: DashboardState,
  versions: readonly AdapterVersion[],
  hands: Hands,
): (TemplateResult | string | typeof nothing)[] {
  const { digest, number, sources, notices, verdict } = version;
  const { text, tone } = verdictText(version, versions);
  const nExamples = Object.values(sources).reduce((sum, count) => sum + count, 0);
  // Why it was not better is in the details.
  const told = verdict === 'refuse' ? [] : notices;
  return [
    nameButton(version, state, hands),
    version.aliases.length === 0
      ? nothing
      : html`${version.aliases.map((alias) => html`<vscode-badge class="alias ${alias}">${aliasNames[alias]}</vscode-badge> `)}`,
    age(version.createdAtMs),
    readableCount(nExamples),
    html`${chip(text, tone)}${told.map((notice) => html`<p class="row-notice">${notice}</p>`)}`,
    version.aliases.includes('champion') || !state.isTrusted
      ? nothing
      : html`<vscode-button
          secondary
          aria-label="Use v${number}"
          @click=${() => hands.send({ kind: 'act', action: 'promote', digest })}
          >Use This Version</vscode-button
        >`,
  ];
}

function nameButton(
  { digest, number }: AdapterVersion,
  { openVersion }: DashboardState,
  { click }: Hands,
): TemplateResult {
  const isOpen = digest === openVersion;
  return html`<button
    type="button"
    class="link"
    data-version=${digest}
    aria-expanded=${isOpen}
    title="Details and comparison of v${number}"
    @click=${() => click({ kind: 'openVersion', digest: isOpen ? undefined : digest })}
  >
    v${number}
  </button>`;
}
