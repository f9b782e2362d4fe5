/** The pieces that several panels draw with: a panel's frame, a table, a bar, a pager, names of versions, ages. */

import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import { versionName } from '../../protocol/versionName.ts';
import type { NumberedVersion } from '../../protocol/versionName.ts';
import type { Page } from '../versionRows.ts';
import { readableAge, readableTime } from '../readable.ts';

export type Content = TemplateResult | string | typeof nothing;

/** A panel; its heading names it for screen readers. */
export function panel(
  id: string,
  title: string,
  content: Content | readonly Content[],
  more: { readonly isWide?: boolean; readonly aside?: Content } = {},
): TemplateResult {
  return html`<section
    id=${id}
    class=${more.isWide === true ? 'panel wide' : 'panel'}
    aria-labelledby="${id}-title"
  >
    <header class="panel-header">
      <h2 id="${id}-title">${title}</h2>
      ${more.aside ?? nothing}
    </header>
    ${content}
  </section>`;
}

/** A panel that is closed until somebody wants it. */
export function foldedPanel(
  id: string,
  title: string,
  content: Content | readonly Content[],
  aside: Content = nothing,
): TemplateResult {
  return html`<details id=${id} class="panel wide folded">
    <summary>
      <h2>${title}</h2>
      ${aside}
    </summary>
    ${content}
  </details>`;
}

/** What a panel shows while it has nothing to show. */
export const empty = (sentence: string): TemplateResult => html`<p class="empty">${sentence}</p>`;

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Left out where the panel is narrow. */
  readonly isExtra?: boolean;
}

function columnClass({ isNumber, isExtra }: Column, isBlank = false): string {
  const classes = [isNumber === true && 'number', isExtra === true && 'extra', isBlank && 'blank'];
  return classes.filter((each) => each !== false).join(' ');
}

export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  className = '',
): TemplateResult {
  return html`<table class=${className}>
    <caption class="unseen">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col" class=${columnClass(column)}>${column.title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map(
              (cell, index) =>
                html`<td
                  class=${columnClass(columns[index] ?? { title: '' }, cell === nothing)}
                  data-title=${columns[index]?.title ?? ''}
                >
                  ${cell}
                </td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** A bar of this share of its cell, 0 to 1; the figure beside it says the same. */
export function bar(share: number, tone = 'plain'): TemplateResult {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return html`<svg class="bar ${tone}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<rect class="track" width="100" height="8"></rect><rect class="filled" width=${width} height="8"></rect>`}
  </svg>`;
}

/** Nothing where all fits on one page. */
export function pager(
  what: string,
  page: Page<unknown>,
  goTo: (index: number) => void,
): TemplateResult | typeof nothing {
  if (page.nPages === 1) return nothing;
  const button = (label: string, text: string, index: number) =>
    html`<vscode-button
      secondary
      ?disabled=${index < 0 || index >= page.nPages}
      aria-label=${label}
      @click=${() => goTo(index)}
      >${text}</vscode-button
    >`;
  return html`<nav class="pager" aria-label="Pages of ${what}">
    ${button(`Previous ${what}`, 'Previous', page.index - 1)}
    <span role="status">${page.label}</span>
    ${button(`Next ${what}`, 'Next', page.index + 1)}
  </nav>`;
}

/** The person's name of an adapter; its digest is in the tooltip. */
export function adapterName(versions: readonly NumberedVersion[], adapter: string): TemplateResult | string {
  const name = versionName(versions, adapter);
  return adapter === 'task' || adapter === 'base' ? name : html`<span title=${adapter}>${name}</span>`;
}

export function age(atMs: number): TemplateResult {
  return html`<time datetime=${new Date(atMs).toISOString()} title=${readableTime(atMs)}
    >${readableAge(atMs, Date.now())}</time
  >`;
}

/** A word in a frame, coloured where it is good or bad; the word alone says it too. */
export const chip = (text: string, tone: 'good' | 'bad' | 'busy' | 'none' = 'none'): TemplateResult =>
  html`<span class="chip ${tone}">${text}</span>`;
