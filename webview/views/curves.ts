/** The losses of finished trainings, of as many versions over each other as wanted. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardResult } from '../../protocol/learning.ts';
import { versionName } from '../../protocol/versionName.ts';
import { curveLines, curveSummary } from '../curves.ts';
import { shownCurves } from '../dashboardState.ts';
import type { DashboardState } from '../dashboardState.ts';
import { empty, panel } from './elements.ts';
import type { Hands } from './page.ts';

export function curvesPanel(
  state: DashboardState,
  { curves, versions: { versions } }: DashboardResult,
  { click }: Hands,
): TemplateResult | typeof nothing {
  if (curves.length === 0) return nothing;
  const shown = shownCurves(state);
  const { x, series } = curveLines(shown, versions);
  const data = {
    kind: 'line',
    x,
    series,
    xTitle: 'step',
    yTitle: 'loss, nats per token',
    unit: 'step',
  } as const;
  return panel(
    'curves',
    'Training Curves',
    [
      html`<div class="filters" role="group" aria-label="Versions to draw">
        ${curves.map(
          ({ digest }) =>
            html`<button
              type="button"
              class="filter"
              aria-pressed=${shown.some((each) => each.digest === digest)}
              @click=${() => click({ kind: 'curve', digest })}
            >
              ${versionName(versions, digest)}
            </button>`,
        )}
      </div>`,
      shown.length === 0
        ? empty('Choose a version to see its curve.')
        : html`<idiom-chart
              role="img"
              aria-label=${curveSummary(shown, versions)}
              .data=${data}
            ></idiom-chart>
            <p class="quiet">Lower is better. Dashed: lines that are not trained on.</p>`,
    ],
    { isWide: true },
  );
}
