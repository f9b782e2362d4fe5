/** The whole page: the head, the tiles, what to do, then the engineer's view; or why there is nothing to show. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardAction, FromDashboard } from '../../protocol/dashboard.ts';
import type { DashboardResult } from '../../protocol/learning.ts';
import { isComputing } from '../../protocol/progressText.ts';
import type { Click, DashboardState } from '../dashboardState.ts';
import { servingText, stateName } from '../learningText.ts';
import { auditPanel } from './audit.ts';
import { curvesPanel } from './curves.ts';
import { chip } from './elements.ts';
import { adaptersPanel, costPanel, latencyPanel, outcomesPanel, placesPanel } from './figures.ts';
import { nowPanel } from './now.ts';
import { tilesRow } from './tiles.ts';
import { versionsPanel } from './versions.ts';

/** What a view may do; the page's entry carries it out. */
export interface Hands {
  readonly click: (click: Click) => void;
  readonly send: (message: FromDashboard) => void;
}

export function page(state: DashboardState, hands: Hands): TemplateResult {
  const { result, trouble } = state;
  if (result === undefined) return trouble === undefined ? loading() : troublePage(state, hands);
  return html`
    ${pageHead(state, result, hands)} ${trouble === undefined ? nothing : troubleNote(state, hands)}
    <main>${isEmpty(result) ? emptyPage(state, result, hands) : fullPage(state, result, hands)}</main>
  `;
}

const isEmpty = ({ days, versions }: DashboardResult): boolean =>
  days.length === 0 && versions.versions.length === 0;

function emptyPage({ isTrusted }: DashboardState, result: DashboardResult, hands: Hands): TemplateResult {
  return html`<div class="panels">
    ${nowPanel(result, isTrusted, hands)}
    <p class="nothing-yet">
      Nothing is recorded here yet. Once suggestions were shown, this page tells how many you accept, how many
      characters you keep, how long you wait, and what learning brings.
    </p>
  </div>`;
}

function fullPage(state: DashboardState, result: DashboardResult, hands: Hands): TemplateResult {
  return html`${tilesRow(result)}
    <div class="panels">
      ${nowPanel(result, state.isTrusted, hands)} ${outcomesPanel(result.days)} ${placesPanel(result.places)}
      ${versionsPanel(state, result, hands)} ${curvesPanel(state, result, hands)} ${adaptersPanel(result)}
      ${latencyPanel(result.latency)} ${costPanel(result)} ${auditPanel(state, result, hands)}
    </div>`;
}

function loading(): TemplateResult {
  return html`<main class="alone" aria-busy="true">
    <vscode-progress-bar indeterminate aria-label="Loading"></vscode-progress-bar>
    <p role="status">Reading what was recorded ...</p>
  </main>`;
}

function troublePage(state: DashboardState, hands: Hands): TemplateResult {
  const { trouble } = state;
  return html`<main class="alone" role="alert">
    <h1>Nothing to show yet</h1>
    <p>${trouble?.sentence}</p>
    ${trouble?.remedy === '' ? nothing : html`<p>${trouble?.remedy}</p>`}
    <div class="actions">${troubleButtons(state, hands)}</div>
  </main>`;
}

function troubleNote(state: DashboardState, hands: Hands): TemplateResult {
  const { trouble } = state;
  return html`<div class="note bad" role="alert">
    <span>${trouble?.sentence} ${trouble?.remedy} The figures below may be old.</span>
    ${troubleButtons(state, hands)}
  </div>`;
}

function troubleButtons({ trouble }: DashboardState, { send }: Hands): TemplateResult {
  if (trouble?.action === 'trust')
    return html`<vscode-button @click=${() => send({ kind: 'act', action: 'trust' })}
      >Manage Workspace Trust</vscode-button
    >`;
  return html`<vscode-button @click=${() => send({ kind: 'reload' })}>Try Again</vscode-button>
    <vscode-button secondary @click=${() => send({ kind: 'act', action: 'showLog' })}
      >Show Log</vscode-button
    >`;
}

function pageHead(state: DashboardState, result: DashboardResult, hands: Hands): TemplateResult {
  const { learning } = result;
  const tone = isComputing(learning) ? 'busy' : learning.state === 'failed' ? 'bad' : 'none';
  return html`<header class="page-header">
    <div class="page-title">
      <h1>${learning.name}</h1>
      ${chip(stateName(learning.state), tone)} ${repositoryChoice(state, result, hands)}
      ${isEmpty(result) ? nothing : rangeChoice(result, hands)}
    </div>
    <p class="serving">${servingText(result, Date.now())}</p>
    ${notice(learning.servingNotice)} ${state.isTrusted ? actions(state, result, hands) : nothing}
  </header>`;
}

/** All but the first, which is with what to do. A row of buttons, or a menu where the page is narrow. */
function actions(
  state: DashboardState,
  { learning, versions }: DashboardResult,
  hands: Hands,
): TemplateResult {
  const { isMenuOpen } = state;
  const act = (action: DashboardAction, text: string, isDisabled = false) =>
    html`<vscode-button
      data-action=${action}
      secondary
      ?disabled=${isDisabled}
      @click=${() => {
        hands.click({ kind: 'menu', isOpen: false });
        hands.send({ kind: 'act', action });
      }}
      >${text}</vscode-button
    >`;
  const close = (event: KeyboardEvent) => {
    if (event.key === 'Escape') hands.click({ kind: 'menu', isOpen: false });
  };
  return html`<div class="actions" role="toolbar" aria-label="Learning" @keydown=${close}>
    <vscode-button
      class="menu-button"
      secondary
      aria-haspopup="true"
      aria-expanded=${isMenuOpen}
      @click=${() => hands.click({ kind: 'menu', isOpen: !isMenuOpen })}
      >More Actions</vscode-button
    >
    <div class=${isMenuOpen ? 'action-list open' : 'action-list'}>
      ${learning.state === 'canary' ? act('train', 'Train Now') : nothing}
      ${learning.state === 'paused' ? nothing : act('pause', 'Pause Learning')}
      ${act('rollBack', 'Revert to Previous Version', versions.aliases.champion === undefined)}
      ${act('forget', 'Delete Recorded Data...')}
    </div>
  </div>`;
}

const ranges = [7, 30, 90] as const;

function rangeChoice({ period }: DashboardResult, { send }: Hands): TemplateResult {
  return html`<div class="filters range" role="group" aria-label="Time range">
    ${ranges.map(
      (nDays) =>
        html`<button
          type="button"
          class="filter"
          aria-pressed=${period.nDays === nDays}
          @click=${() => send({ kind: 'range', nDays })}
        >
          ${nDays} days
        </button>`,
    )}
  </div>`;
}

function repositoryChoice(
  { repositories }: DashboardState,
  { learning }: DashboardResult,
  { send }: Hands,
): TemplateResult | typeof nothing {
  if (repositories.length < 2) return nothing;
  const choose = (event: Event) => send({ kind: 'choose', root: (event.target as HTMLSelectElement).value });
  return html`<vscode-single-select aria-label="Repository" .value=${learning.root} @change=${choose}>
    ${repositories.map(
      ({ root, name }) =>
        html`<vscode-option value=${root} ?selected=${root === learning.root}>${name}</vscode-option>`,
    )}
  </vscode-single-select>`;
}

function notice(sentence: string | undefined): TemplateResult | typeof nothing {
  return sentence === undefined ? nothing : html`<div class="note" role="status">${sentence}</div>`;
}
