/** `<idiom-chart>`: a canvas chart that follows the page's width and VS Code's theme. What it says to the eye, a table beside it says too. */

import uPlot from 'uplot';
import type { ChartData, ChartSeries } from './chartData.ts';
import { tipLines } from './chartTip.ts';

const heightPx = 190;
const tickPx = 5;
const axisPx = 22;
const titlePx = 18;

export class ChartElement extends HTMLElement {
  #data: ChartData | undefined;
  #plot: uPlot | undefined;
  readonly #size = new ResizeObserver(() => this.#resize());
  readonly #theme = new MutationObserver(() => this.#draw());

  set data(data: ChartData) {
    const previous = this.#data;
    this.#data = data;
    if (this.#plot === undefined || previous === undefined || !isSameShape(previous, data)) this.#draw();
    else this.#plot.setData(aligned(data));
  }

  connectedCallback(): void {
    this.#size.observe(this);
    // VS Code writes the theme's kind and id here whenever it changes.
    this.#theme.observe(document.body, {
      attributes: true,
      attributeFilter: ['class', 'data-vscode-theme-id'],
    });
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
    this.#theme.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #resize(): void {
    const width = Math.floor(this.clientWidth);
    if (width === 0) return;
    if (this.#plot === undefined) this.#draw();
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: heightPx });
  }

  #draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#data === undefined || !this.isConnected || this.clientWidth === 0) return;
    this.#plot = new uPlot(chartOptions(this.#data, this.clientWidth), aligned(this.#data), this);
  }
}

function isSameShape(a: ChartData, b: ChartData): boolean {
  const labels = ({ kind, series }: ChartData) => [kind, ...series.map(({ label }) => label)].join('\0');
  // Bars have day names below them, which are part of the drawing.
  return a.kind === 'line' && labels(a) === labels(b);
}

/** The last series of stacked bars is the highest, so it is drawn first and the others over it. */
function drawn({ kind, series }: ChartData): readonly ChartSeries[] {
  return kind === 'stackedBars' ? series.toReversed() : series;
}

function aligned(data: ChartData): uPlot.AlignedData {
  return [[...data.x], ...drawn(data).map(({ values }) => [...values])];
}

function chartOptions(data: ChartData, width: number): uPlot.Options {
  const isBars = data.kind === 'stackedBars';
  const font = `${cssVariable('--vscode-font-size', '12px')} ${cssVariable('--vscode-font-family', 'sans-serif')}`;
  const axis = {
    stroke: cssVariable('--vscode-descriptionForeground', '#888'),
    font,
    ticks: { size: tickPx, stroke: 'transparent' },
  };
  const grid = {
    stroke: `color-mix(in srgb, ${cssVariable('--vscode-descriptionForeground', '#888')} 22%, transparent)`,
    width: 1,
  };
  const { xLabel } = data;
  return {
    width,
    height: heightPx,
    padding: [10, isBars ? 22 : 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !isBars } },
    plugins: [tooltip(data)],
    scales: {
      x: { time: false, range: isBars ? barRange : lineRange },
      y: { range: isBars ? fromZero : around },
    },
    axes: [
      {
        ...axis,
        size: axisPx,
        ...title(data.xTitle, font),
        grid: { show: false },
        space: 70,
        incrs: [1, 2, 5, 7, 10, 14, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000],
        ...(xLabel === undefined ? {} : { values: (_plot, values) => values.map(xLabel) }),
      },
      { ...axis, grid, size: 46, space: 36, ...title(data.yTitle, font) },
    ],
    series: [{}, ...drawn(data).map((each) => seriesOptions(each, isBars))],
  };
}

function title(
  text: string | undefined,
  font: string,
): Pick<uPlot.Axis, 'label' | 'labelSize' | 'labelFont'> {
  return text === undefined ? {} : { label: text, labelSize: titlePx, labelFont: font };
}

/** Follows the pointer with the values of the place below it. */
function tooltip(data: ChartData): uPlot.Plugin {
  const element = document.createElement('div');
  element.className = 'chart-tip';
  element.hidden = true;
  return {
    hooks: {
      init: (plot) => void plot.over.append(element),
      setCursor(plot) {
        const { idx, left = 0 } = plot.cursor;
        const isOutside = idx === null || idx === undefined || left < 0;
        element.hidden = isOutside;
        if (isOutside) return;
        const lines = tipLines(data, idx);
        element.replaceChildren(
          ...lines.map((line) => Object.assign(document.createElement('div'), { textContent: line })),
        );
        const room = plot.over.clientWidth - element.offsetWidth;
        const besides = left + 12 > room ? left - element.offsetWidth - 12 : left + 12;
        element.style.left = `${Math.max(0, Math.min(room, besides))}px`;
      },
    },
  };
}

function seriesOptions(
  { label, color, isDashed, strength = 100 }: ChartSeries,
  isBars: boolean,
): uPlot.Series {
  const background = cssVariable('--vscode-editor-background', '#fff');
  const stroke = `color-mix(in srgb, ${cssVariable(color, '#4aa')} ${strength}%, ${background})`;
  if (!isBars)
    return {
      ...{
        label,
        stroke,
        width: 1.5,
        spanGaps: true,
        points: { show: isDashed === true, size: 5, fill: stroke },
      },
      ...(isDashed === true ? { dash: [5, 4] } : {}),
    };
  const paths = uPlot.paths.bars?.({ size: [0.72, 56] });
  return {
    label,
    stroke,
    fill: stroke,
    width: 0,
    points: { show: false },
    ...(paths === undefined ? {} : { paths }),
  };
}

const barRange = (_plot: uPlot, min: number, max: number): uPlot.Range.MinMax => [min - 0.6, max + 0.6];
const lineRange = (_plot: uPlot, min: number, max: number): uPlot.Range.MinMax => [
  min,
  Math.max(max, min + 1),
];
const fromZero = (_plot: uPlot, _min: number, max: number): uPlot.Range.MinMax => [
  0,
  Math.max(1, max * 1.08),
];
function around(_plot: uPlot, min: number, max: number): uPlot.Range.MinMax {
  const margin = Math.max((max - min) * 0.1, 0.01);
  return [Math.max(0, min - margin), max + margin];
}

function cssVariable(name: string, otherwise: string): string {
  const value = getComputedStyle(document.body).getPropertyValue(name).trim();
  return value === '' ? otherwise : value;
}

customElements.define('idiom-chart', ChartElement);
