/** Draws the figures of a replay with learning as an SVG picture that is readable on light and on dark ground. Pure text. */

import { escapeXml } from '../base/escapeXml.ts';
import type { ReplayFigures } from '../learning/replayFigures.ts';
import { armNames } from '../learning/replayLearning.ts';
import type { ArmName } from '../learning/replayLearning.ts';

const width = 720;
const height = 380;
const plot = { left: 56, right: 150, top: 56, bottom: 52 };

const arms: Readonly<Record<ArmName, { readonly label: string; readonly dash: string }>> = {
  never: { label: 'never learning', dash: '2 5' },
  gated: { label: 'learning, with the gate', dash: '' },
  ungated: { label: 'learning, without it', dash: '9 5' },
};

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #59636e; font-size: 12px; }
  .axis { stroke: #d1d9e0; }
  .line { fill: none; stroke-width: 2.5; }
  .never { stroke: #6e7781; } .gated { stroke: #0969da; } .ungated { stroke: #bc4c00; }
  .dot { stroke-width: 2; fill: #ffffff; } .dot.promoted { fill: currentColor; }
  g.never { color: #6e7781; } g.gated { color: #0969da; } g.ungated { color: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .quiet { fill: #9198a1; } .axis { stroke: #3d444d; }
    .never { stroke: #9198a1; } .gated { stroke: #4493f8; } .ungated { stroke: #f0883e; }
    .dot { fill: #0d1117; }
    g.never { color: #9198a1; } g.gated { color: #4493f8; } g.ungated { color: #f0883e; }
  }`;

/** A period with few suggestions jumps about by chance, so the lines show all periods up to each together. */
export function drawLearning(figures: ReplayFigures, repoName: string): string {
  const lines = armNames.map((arm) => ({ arm, values: cumulative(figures, arm) }));
  const top = niceTop(Math.max(...lines.flatMap(({ values }) => values)));
  const x = (i: number) =>
    plot.left + ((width - plot.left - plot.right) * (i + 0.5)) / Math.max(1, figures.periods.length);
  const y = (value: number) => height - plot.bottom - ((height - plot.top - plot.bottom) * value) / top;
  const title = `Retained characters per suggestion shown, ${escapeXml(repoName)}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${title}</title>`,
    `<desc id="d">${escapeXml(describe(figures))}</desc>`,
    `<style>${style}\n</style>`,
    `<text class="title" x="${plot.left}" y="24">${title}</text>`,
    `<text class="quiet" x="${plot.left}" y="42">all periods so far together; a filled dot: what was learned before it serves</text>`,
    ...grid(top, y),
    ...figures.periods.map(
      ({ untilMs }, i) =>
        `<text class="quiet" x="${x(i)}" y="${height - plot.bottom + 20}" text-anchor="middle">${monthOf(untilMs)}</text>`,
    ),
    ...lines.map(({ arm, values }) =>
      drawArm(
        figures,
        arm,
        values.map((value, i) => [x(i), y(value)] as const),
      ),
    ),
    ...labels(
      lines.map(({ arm, values }) => ({ arm, at: y(values.at(-1) ?? 0), value: values.at(-1) ?? 0 })),
    ),
    '</svg>',
  ].join('\n')}\n`;
}

function cumulative({ periods }: ReplayFigures, arm: ArmName): number[] {
  return periods.map((_, i) => {
    const upTo = periods.slice(0, i + 1).map((period) => period.arms[arm]);
    const chars = upTo.reduce((sum, each) => sum + each.retainedChars, 0);
    return (
      chars /
      Math.max(
        1,
        upTo.reduce((sum, each) => sum + each.nShown, 0),
      )
    );
  });
}

function grid(top: number, y: (value: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top);
    const label = String(Math.round(share * top * 100) / 100);
    return (
      `<line class="axis" x1="${plot.left}" x2="${width - plot.right}" y1="${at}" y2="${at}"/>` +
      `<text class="quiet" x="${plot.left - 8}" y="${at + 4}" text-anchor="end">${label}</text>`
    );
  });
}

function drawArm(
  { periods }: ReplayFigures,
  arm: ArmName,
  points: readonly (readonly [number, number])[],
): string {
  const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join(' ');
  const dash = arms[arm].dash === '' ? '' : ` stroke-dasharray="${arms[arm].dash}"`;
  const dots = points.map(([px, py], i) => {
    const isNew = periods[i - 1]?.arms[arm].learned?.kind === 'promoted';
    return `<circle class="dot ${arm}${isNew ? ' promoted' : ''}" cx="${round(px)}" cy="${round(py)}" r="4"/>`;
  });
  return `<g class="${arm}"><path class="line ${arm}" d="${path}"${dash}/>${dots.join('')}</g>`;
}

const labelHeight = 34;

/** Beside the ends of the lines, moved apart where they would lie on each other. */
function labels(
  ends: readonly { readonly arm: ArmName; readonly at: number; readonly value: number }[],
): string[] {
  let lowest = -Infinity;
  return [...ends]
    .sort((a, b) => a.at - b.at)
    .map(({ arm, at, value }) => {
      lowest = Math.max(at, lowest + labelHeight);
      const left = width - plot.right + 6;
      return (
        `<text x="${left}" y="${round(lowest)}">${value.toFixed(2)}</text>` +
        `<text class="quiet" x="${left}" y="${round(lowest + 15)}">${arms[arm].label}</text>`
      );
    });
}

function describe({ periods, total }: ReplayFigures): string {
  const parts = armNames.map((arm) => `${arms[arm].label} ${total[arm].retainedCharsPerShown.toFixed(2)}`);
  return `In ${periods.length} periods: ${parts.join(', ')}.`;
}

/** The next of 1, 2, 5, 10, 20, ... above the largest value, with some room. */
function niceTop(largest: number): number {
  const wanted = Math.max(largest * 1.1, 1e-3);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= wanted) ?? 10) * power;
}

function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
