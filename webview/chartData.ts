/** What a chart is given to draw. Types only, so that what is pure can be checked without a page. */

export interface ChartData {
  readonly kind: 'line' | 'stackedBars';
  /** One value for each point; for bars 0, 1, 2, ... */
  readonly x: readonly number[];
  /** What stands below the axis; default: the number itself. */
  readonly xLabel?: (value: number) => string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** What a value of x is, for the tooltip of lines: "step 12". */
  readonly unit?: string;
  /** Lines of the tooltip at this place of `x`; default: the unit, and each series with its value. */
  readonly tip?: (index: number) => readonly string[];
  readonly series: readonly ChartSeries[];
}
export interface ChartSeries {
  readonly label: string;
  /** A CSS variable of VS Code's. */
  readonly color: string;
  /** For stacked bars: the tops of the bars. Null: none there. */
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
  /** Percent of the color over the editor's background; default 100. Bars cover each other, so that no color may be transparent. */
  readonly strength?: number;
}
