/** What to do: a sentence, a button where a person is needed, and while a training runs how far it is. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardResult, LearningProgress } from '../../protocol/learning.ts';
import { adviceOf } from '../advice.ts';
import type { AdviceButton } from '../advice.ts';
import { bar } from './elements.ts';
import type { Hands } from './page.ts';

export function nowPanel(result: DashboardResult, isTrusted: boolean, hands: Hands): TemplateResult {
  const { learning } = result;
  const { sentence, detail, tone, buttons } = adviceOf(result, isTrusted);
  const { progress, nNewExamples, nWanted } = learning;
  const isCollecting = learning.state === 'collecting' && nWanted > 0 && nNewExamples < nWanted;
  return html`<section id="now" class="panel wide advice ${tone}" aria-label="What to do">
    <div class="advice-line">
      <div class="advice-words" role=${tone === 'bad' ? 'alert' : 'status'}>
        <p class="advice-sentence">${sentence}</p>
        ${detail === undefined || detail === '' ? nothing : html`<p class="quiet">${detail}</p>`}
      </div>
      ${buttons.map((button, index) => adviceButton(button, index === 0, hands))}
    </div>
    ${progress === undefined ? nothing : progressView(progress)}
    ${isCollecting ? bar(nNewExamples / nWanted, 'good') : nothing}
  </section>`;
}

function adviceButton(
  { action, text, digest }: AdviceButton,
  isMain: boolean,
  { send }: Hands,
): TemplateResult {
  return html`<vscode-button
    data-action=${action}
    ?secondary=${!isMain}
    @click=${() => send({ kind: 'act', action, ...(digest === undefined ? {} : { digest }) })}
    >${text}</vscode-button
  >`;
}

function progressView(progress: LearningProgress): TemplateResult {
  const { losses = [] } = progress;
  return html`
    <vscode-progress-bar
      .value=${Math.round(progress.share * 100)}
      aria-label="Progress"
    ></vscode-progress-bar>
    ${losses.length < 2 ? nothing : lossView(losses, progress.step ?? losses.length)}
  `;
}

/** Losses are thinned, so that each stands for several steps. */
function lossView(losses: readonly number[], step: number): TemplateResult {
  const [first = 0, last = 0] = [losses[0], losses.at(-1)];
  const series = [{ label: 'Training loss', color: '--vscode-charts-blue', values: losses }];
  const x = losses.map((_, index) => Math.round(((index + 1) * step) / losses.length));
  const summary = `Training loss of ${step} steps: from ${first.toFixed(3)} to ${last.toFixed(3)}.`;
  const data = { kind: 'line', x, series, xTitle: 'step', yTitle: 'loss', unit: 'step' } as const;
  return html`<details class="live">
    <summary>Training loss ${last.toFixed(3)}, from ${first.toFixed(3)}</summary>
    <idiom-chart role="img" aria-label=${summary} .data=${data}></idiom-chart>
  </details>`;
}
