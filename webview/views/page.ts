/** The whole page: the head with the loop's state and what can be done, then the panels; or why there is nothing to show. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardAction, FromDashboard } from '../../protocol/dashboard.ts';
import type { RepositoryLearning } from '../../protocol/learning.ts';
import type { Click, DashboardState } from '../dashboardState.ts';
import { isBusy, servingText, stateName } from '../learningText.ts';
import { adaptersPanel, latencyPanel, outcomesPanel, storagePanel } from './figures.ts';
import { auditPanel } from './audit.ts';
import { chip } from './elements.ts';
import { nowPanel } from './now.ts';
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
    ${pageHead(state, result.learning, hands)} ${trouble === undefined ? nothing : troubleNote(state, hands)}
    <main class="panels">
      ${nowPanel(result.learning)} ${outcomesPanel(result.days)} ${versionsPanel(state, result, hands)}
      ${adaptersPanel(result.byAdapter, result.versions.aliases)}
      <div class="stack">${latencyPanel(result.latency)} ${storagePanel(result)}</div>
      ${auditPanel(state, result.audit, hands)}
    </main>
  `;
}

function loading(): TemplateResult {
  return html`<main class="alone" aria-busy="true">
    <vscode-progress-bar indeterminate aria-label="Loading"></vscode-progress-bar>
    <p role="status">Reading what was recorded ...</p>
  </main>`;
}

function troublePage({ trouble }: DashboardState, { send }: Hands): TemplateResult {
  return html`<main class="alone" role="alert">
    <h1>Nothing to show yet</h1>
    <p>${trouble?.sentence}</p>
    <p>${trouble?.remedy}</p>
    <vscode-button @click=${() => send({ kind: 'reload' })}>Try Again</vscode-button>
  </main>`;
}

function troubleNote({ trouble }: DashboardState, { send }: Hands): TemplateResult {
  return html`<div class="note bad" role="alert">
    <span>${trouble?.sentence} ${trouble?.remedy} What is below may be old.</span>
    <vscode-button secondary @click=${() => send({ kind: 'reload' })}>Try Again</vscode-button>
  </div>`;
}

function pageHead(state: DashboardState, learning: RepositoryLearning, hands: Hands): TemplateResult {
  const tone = isBusy(learning.state) ? 'busy' : learning.state === 'failed' ? 'bad' : 'none';
  return html`<header class="page-header">
    <div class="page-title">
      <h1>${learning.name}</h1>
      ${chip(stateName(learning.state), tone)} ${repositoryChoice(state, learning, hands)}
    </div>
    <p class="serving">${servingText(learning)}</p>
    <div class="actions" role="toolbar" aria-label="Learning">
      ${
        state.isTrusted
          ? actions(state, learning, hands)
          : html`<p>This workspace is not trusted, so nothing is learned here.</p>`
      }
    </div>
    ${notice(learning.servingNotice)}
    ${learning.awaitsApproval === undefined ? nothing : approvalNote(learning.awaitsApproval, hands)}
  </header>`;
}

function actions({ result }: DashboardState, { state }: RepositoryLearning, hands: Hands): TemplateResult {
  const act = (action: DashboardAction, text: string, isMain = false, isDisabled = false) =>
    html`<vscode-button
      data-action=${action}
      ?secondary=${!isMain}
      ?disabled=${isDisabled}
      @click=${() => hands.send({ kind: 'act', action })}
      >${text}</vscode-button
    >`;
  const aliases = result?.versions.aliases;
  return html`
    ${isBusy(state) ? act('cancel', 'Cancel', true) : act('train', 'Train Now', true, state === 'paused')}
    ${state === 'paused' ? act('resume', 'Resume Learning') : act('pause', 'Pause Learning')}
    ${act('rollBack', 'Roll Back', false, aliases?.champion === undefined)} ${act('forget', 'Forget ...')}
  `;
}

function repositoryChoice(
  { repositories }: DashboardState,
  learning: RepositoryLearning,
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

function approvalNote(digest: string, { send, click }: Hands): TemplateResult {
  return html`<div class="note" role="status">
    <span>A version has passed the gate and waits for your word.</span>
    <vscode-button @click=${() => send({ kind: 'act', action: 'promote', digest })}>Promote</vscode-button>
    <vscode-button secondary @click=${() => click({ kind: 'openVersion', digest })}>Look at It</vscode-button>
  </div>`;
}
