/** Losses of trainings on one axis of steps: which lines there are, and how they are laid beside each other. Pure. */

import type { TrainingCurve } from '../protocol/learning.ts';
import { versionName } from '../protocol/versionName.ts';
import type { NumberedVersion } from '../protocol/versionName.ts';
import type { ChartSeries } from './chartData.ts';

/** One color for each version, in turn. */
export const curveColors = [
  '--vscode-charts-blue',
  '--vscode-charts-yellow',
  '--vscode-charts-green',
  '--vscode-charts-purple',
  '--vscode-charts-red',
  '--vscode-charts-orange',
] as const;

export interface CurveLines {
  /** Steps, ascending. */
  readonly x: readonly number[];
  /** As long as `x`; null where a line has no value. */
  readonly series: readonly ChartSeries[];
}

/** Of each curve the training loss, and dashed the validation loss. */
export function curveLines(
  curves: readonly TrainingCurve[],
  versions: readonly NumberedVersion[],
): CurveLines {
  const lines = curves.flatMap((curve, index) => {
    const name = versionName(versions, curve.digest);
    const color = curveColors[index % curveColors.length] ?? curveColors[0];
    return [
      { label: `${name} training`, color, isDashed: false, points: trainingPoints(curve) },
      {
        label: `${name} validation`,
        color,
        isDashed: true,
        points: curve.validation.map(({ step, nll }) => [step, nll] as const),
      },
    ].filter(({ points }) => points.length > 0);
  });
  const x = [...new Set(lines.flatMap(({ points }) => points.map(([step]) => step)))].sort((a, b) => a - b);
  const series = lines.map(({ points, ...line }) => {
    const at = new Map(points);
    return { ...line, values: x.map((step) => at.get(step) ?? null) };
  });
  return { x, series };
}

/** Thinned losses stand evenly from the first step to the last. */
function trainingPoints({ losses, nSteps }: TrainingCurve): (readonly [number, number])[] {
  return losses.map((loss, index) => {
    const share = losses.length === 1 ? 1 : index / (losses.length - 1);
    return [1 + Math.round(share * (nSteps - 1)), loss];
  });
}

/** One sentence for who cannot see the lines. */
export function curveSummary(curves: readonly TrainingCurve[], versions: readonly NumberedVersion[]): string {
  return curves
    .map((curve) => {
      const [first, last] = [curve.validation[0], curve.validation.at(-1)];
      const ends = `training loss ${figure(curve.losses[0])} to ${figure(curve.losses.at(-1))}`;
      const held = last === undefined ? '' : `, validation loss ${figure(first?.nll)} to ${figure(last.nll)}`;
      return `${versionName(versions, curve.digest)}: ${ends}${held}.`;
    })
    .join(' ');
}

const figure = (value: number | undefined): string => value?.toFixed(3) ?? '?';
