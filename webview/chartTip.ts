/** The lines of a chart's tooltip: what each series is worth at the place below the pointer. Pure. */

import type { ChartData } from './chartData.ts';

/** Of a series without a value just there, the nearest one, as lines of different lengths have different places. */
export function tipLines({ x, unit, tip, series }: ChartData, index: number): readonly string[] {
  if (tip !== undefined) return tip(index);
  const values = series.flatMap(({ label, values: all }) => {
    const value = nearest(all, index);
    return value === undefined ? [] : [`${label} ${value.toFixed(3)}`];
  });
  return [`${unit ?? ''} ${x[index] ?? ''}`.trim(), ...values];
}

/** Undefined beyond the last value: there the line has ended. */
function nearest(values: readonly (number | null)[], index: number): number | undefined {
  if (index > values.findLastIndex((value) => value !== null)) return undefined;
  for (let distance = 0; distance < values.length; distance++) {
    const value = values[index - distance] ?? values[index + distance];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}
