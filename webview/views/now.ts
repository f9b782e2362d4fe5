/** The panel of what the loop does just now: progress with the loss as a line, the canary's standing, or what it waits for. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { LearningProgress, RepositoryLearning } from '../../protocol/learning.ts';
import { canaryText, progressText } from '../learningText.ts';
import { readableCount } from '../readable.ts';
import { bar, panel } from './elements.ts';

export function nowPanel(learning: RepositoryLearning): TemplateResult {
  const { progress, canary } = learning;
  const content = html`
    <p class="detail" role="status">${learning.detail}</p>
    ${progress === undefined ? nothing : progressView(progress)}
    ${canary === undefined ? nothing : html`<p>${canaryText(canary)}</p>`}
    ${progress === undefined ? examplesView(learning) : nothing}
  `;
  return panel('now', 'Learning', content);
}

function progressView(progress: LearningProgress): TemplateResult {
  const { losses = [], nSteps } = progress;
  return html`
    <vscode-progress-bar
      .value=${Math.round(progress.share * 100)}
      aria-label="Progress"
    ></vscode-progress-bar>
    <p class="progress-text">${progressText(progress)}</p>
    ${losses.length < 2 ? nothing : lossView(losses, progress.step ?? losses.length, nSteps)}
  `;
}

/** Losses are thinned, so that each stands for several steps. */
function lossView(losses: readonly number[], step: number, nSteps: number | undefined): TemplateResult {
  const [first = 0, last = 0] = [losses[0], losses.at(-1)];
  const series = [{ label: 'Loss', color: '--vscode-charts-blue', values: losses }];
  const x = losses.map((_, index) => Math.round(((index + 1) * step) / losses.length));
  const summary = `Loss of ${step} steps, in nats per token: from ${first.toFixed(3)} to ${last.toFixed(3)}.`;
  return html`<figure>
    <figcaption>Loss, nats per token: <b>${last.toFixed(3)}</b>, from ${first.toFixed(3)}</figcaption>
    <idiom-chart role="img" aria-label=${summary} .data=${{ kind: 'line', x, series }}></idiom-chart>
    ${nSteps === undefined ? nothing : html`<p class="axis-title">step</p>`}
  </figure>`;
}

function examplesView({ nNewExamples, nWanted }: RepositoryLearning): TemplateResult {
  const share = nWanted === 0 ? 0 : nNewExamples / nWanted;
  return html`<p class="examples">
      <b>${readableCount(nNewExamples)}</b> new examples; a training begins at ${readableCount(nWanted)}.
    </p>
    ${bar(share, 'good')}`;
}
