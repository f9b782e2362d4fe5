/** A small line of one value a day: days without one are gaps, and a day alone is a dot. Pure. */

export interface Spark {
  /** Of SVG: https://developer.mozilla.org/docs/Web/SVG/Attribute/d */
  readonly line: string;
  readonly dots: readonly (readonly [number, number])[];
}

/** From zero at the bottom to the largest value at the top; nothing for fewer than two values. */
export function sparkPath(
  values: readonly (number | undefined)[],
  { width, height }: { readonly width: number; readonly height: number },
): Spark {
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2) return { line: '', dots: [] };
  const most = Math.max(...known, Number.MIN_VALUE);
  const place = (index: number, value: number): readonly [number, number] => [
    round((index * width) / (values.length - 1)),
    round(1.5 + (1 - value / most) * (height - 3)),
  ];
  const runs: (readonly [number, number])[][] = [];
  values.forEach((value, index) => {
    if (value === undefined) return;
    if (values[index - 1] === undefined) runs.push([]);
    runs.at(-1)?.push(place(index, value));
  });
  return {
    line: runs
      .filter((run) => run.length > 1)
      .map((run) => `M${run.map(([x, y]) => `${x} ${y}`).join('L')}`)
      .join(''),
    dots: runs.filter((run) => run.length === 1).flat(),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
