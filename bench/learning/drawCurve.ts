/** Draws what more tokens brought, a line for each repository, readable on light and on dark ground. Pure text. */

import { escapeXml } from '../../server/base/escapeXml.ts';
import type { TrainingRecord } from './records.ts';
import { summariseLines } from './summarise.ts';
import type { Change, Summary } from './summarise.ts';

interface Panel {
  readonly title: string;
  readonly top: number;
  pick(summary: Summary): Change | undefined;
  format(value: number): string;
}

interface Point {
  readonly tokens: number;
  readonly change: number;
  readonly low: number;
  readonly high: number;
}

interface Curve {
  readonly repo: string;
  /** By tokens; the first is the task adapter, at nothing. */
  readonly points: readonly Point[];
}

const width = 720;
const panelHeight = 220;
const plot = { left: 56, right: 110 };
const panels: readonly Panel[] = [
  {
    title: 'Negative log-likelihood of held-out lines, change in nats a token',
    top: 40,
    pick: (summary) => summary.nll,
    format: (value) => value.toFixed(2),
  },
  {
    title: 'Exact match of held-out lines, change in points of 100',
    top: 40 + panelHeight + 60,
    pick: (summary) => summary.exactMatch,
    format: (value) => value.toFixed(0),
  },
];
const height = 40 + 2 * (panelHeight + 60);

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .axis { stroke: #d1d9e0; } .zero { stroke: #59636e; }
  .line { fill: none; stroke: #0969da; stroke-width: 2; } .interval { stroke: #0969da; opacity: 0.35; }
  .dot { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .quiet { fill: #9198a1; } .axis { stroke: #3d444d; } .zero { stroke: #9198a1; }
    .line, .interval { stroke: #4493f8; } .dot { fill: #4493f8; }
  }`;

/** Of the trainings with the defaults; those of one repository differ in their steps alone. */
export function drawCurve(records: readonly TrainingRecord[]): string {
  const usual = records.filter(({ variant, nSteps }) => variant === `steps${nSteps}`);
  const mostTokens = Math.max(1, ...usual.map((record) => record.nTokens));
  const drawn = panels.map((panel) => drawPanel(panel, curvesOf(usual, panel), mostTokens));
  const repos = [...new Set(usual.map((record) => record.repo))].join(', ');
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">What training brings, by tokens read</title>`,
    `<desc id="d">${escapeXml(`Change of likelihood and exact match against the task adapter, for ${repos}.`)}</desc>`,
    `<style>${style}\n</style>`,
    ...drawn.flat(),
    `<text class="quiet" x="${(plot.left + width - plot.right) / 2}" y="${height - 14}" text-anchor="middle">thousand tokens read; bars are 95 % intervals</text>`,
    '</svg>',
  ].join('\n')}\n`;
}

function curvesOf(records: readonly TrainingRecord[], { pick }: Panel): Curve[] {
  return [...Map.groupBy(records, (record) => record.repo)].map(([repo, list]) => {
    const points = list.flatMap(({ nTokens, lines }): Point[] => {
      const change = pick(summariseLines(lines));
      return change === undefined ? [] : [{ tokens: nTokens, ...change }];
    });
    const start = { tokens: 0, change: 0, low: 0, high: 0 };
    return { repo, points: [start, ...points.toSorted((a, b) => a.tokens - b.tokens)] };
  });
}

function drawPanel({ title, top, format }: Panel, curves: readonly Curve[], mostTokens: number): string[] {
  const all = curves.flatMap((curve) => curve.points);
  const lowest = Math.min(0, ...all.map((point) => point.low));
  const highest = Math.max(0, ...all.map((point) => point.high));
  const step = niceStep((highest - lowest) / 4);
  const from = step * Math.floor(lowest / step);
  const to = step * Math.ceil(highest / step);
  const x = (tokens: number) => round(plot.left + ((width - plot.left - plot.right) * tokens) / mostTokens);
  const y = (value: number) => round(top + 20 + ((panelHeight - 20) * (to - value)) / (to - from || 1));
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + step * i);
  return [
    `<text class="title" x="${plot.left}" y="${top}">${title}</text>`,
    ...ticks.map((value) => horizontal('axis', y(value)) + label(y(value), format(value))),
    horizontal('zero', y(0)),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
      const tokens = share * mostTokens;
      return `<text class="quiet" x="${x(tokens)}" y="${top + panelHeight + 18}" text-anchor="middle">${Math.round(tokens / 1000)}</text>`;
    }),
    ...curves.map((curve) => drawLine(curve, x, y)),
    ...endLabels(
      curves.map(({ repo, points }) => {
        const { tokens = 0, change = 0 } = points.at(-1) ?? {};
        return { repo, left: x(tokens) + 8, at: y(change) };
      }),
    ),
  ];
}

function horizontal(name: string, at: number): string {
  return `<line class="${name}" x1="${plot.left}" x2="${width - plot.right}" y1="${at}" y2="${at}"/>`;
}

function label(at: number, text: string): string {
  return `<text class="quiet" x="${plot.left - 8}" y="${at + 4}" text-anchor="end">${text}</text>`;
}

function drawLine({ points }: Curve, x: (tokens: number) => number, y: (value: number) => number): string {
  const path = points.map(({ tokens, change }, i) => `${i === 0 ? 'M' : 'L'}${x(tokens)} ${y(change)}`);
  const marks = points.slice(1).map(({ tokens, change, low, high }) => {
    const interval = `<line class="interval" x1="${x(tokens)}" x2="${x(tokens)}" y1="${y(low)}" y2="${y(high)}"/>`;
    return `${interval}<circle class="dot" cx="${x(tokens)}" cy="${y(change)}" r="3"/>`;
  });
  return `<path class="line" d="${path.join(' ')}"/>${marks.join('')}`;
}

const labelHeight = 15;
const labelWidth = 80;

/** Beside the ends of the lines, moved down where they would lie on each other. */
function endLabels(
  ends: readonly { readonly repo: string; readonly left: number; readonly at: number }[],
): string[] {
  const placed: { left: number; at: number }[] = [];
  return [...ends]
    .sort((a, b) => a.at - b.at)
    .map(({ repo, left, at }) => {
      const above = placed.filter((each) => Math.abs(each.left - left) < labelWidth);
      const lowest = Math.max(at, ...above.map((each) => each.at + labelHeight));
      placed.push({ left, at: lowest });
      return `<text x="${round(left)}" y="${round(lowest + 4)}">${escapeXml(repo)}</text>`;
    });
}

/** The next of 1, 2, 5, 10, 20, ... times a power of ten that is not smaller; 1 for nothing. */
function niceStep(wanted: number): number {
  if (wanted <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5].find((step) => step * power >= wanted) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
