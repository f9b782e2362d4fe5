/** The row of tiles, each with a line of its days. */

import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { DashboardResult } from '../../protocol/learning.ts';
import { sparkPath } from '../sparkPath.ts';
import { tilesOf } from '../tiles.ts';
import type { Tile } from '../tiles.ts';

const size = { width: 120, height: 28 };

export function tilesRow(result: DashboardResult): TemplateResult {
  return html`<section class="tiles" aria-label="Is it helping?">${tilesOf(result).map(tile)}</section>`;
}

function tile({ id, title, value, notes, change, spark }: Tile): TemplateResult {
  return html`<article class="tile" data-tile=${id} aria-labelledby="tile-${id}">
    <h2 id="tile-${id}">${title}</h2>
    <p class="tile-value">${value}</p>
    ${notes.map((note) => html`<p class="tile-note">${note}</p>`)}
    ${change === undefined ? nothing : html`<p class="tile-change ${change.tone}">${change.text}</p>`}
    ${sparkline(spark)}
  </article>`;
}

/** The values are in the table of days below; here they are a shape. */
function sparkline(values: Tile['spark']): TemplateResult | typeof nothing {
  const { line, dots } = sparkPath(values, size);
  if (line === '' && dots.length === 0) return nothing;
  return html`<svg
    class="spark"
    viewBox="0 0 ${size.width} ${size.height}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<path d=${line} vector-effect="non-scaling-stroke"></path>`}
    ${dots.map(([x, y]) => svg`<circle cx=${x} cy=${y} r="1.6"></circle>`)}
  </svg>`;
}
