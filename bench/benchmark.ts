/** What a benchmark is: a name, the question it answers, and figures that compare two things measured in one run. */

export interface Figure {
  readonly name: string;
  /** What is compared: ours, or the change. */
  readonly measured: number;
  /** With what: raw, as it comes, cold; left out where there is only a budget. */
  readonly reference?: number;
  readonly unit: string;
  /**
   * Median of the ratios measured / reference of the pairs, not the ratio of the medians; or measured / reference
   * where there are no pairs.
   */
  readonly ratio?: number;
  /** The agreed limit, in the unit of `measured` or of the ratio. */
  readonly budget?: Budget;
}

export interface Budget {
  readonly of: 'measured' | 'ratio';
  readonly atMost: number;
}

export interface BenchmarkResult {
  readonly figures: readonly Figure[];
  /** What a reader must know to read the figures. */
  readonly remarks: readonly string[];
  /** Facts about the input: model, number of cases, tokens. */
  readonly input: Readonly<Record<string, string | number>>;
}

export interface BenchContext {
  /** The checkout. */
  readonly root: string;
  /** The base model, as it comes. */
  readonly modelPath: string;
  /** Private and temporary. */
  readonly workFolder: string;
  /** Another checkout that is built, to compare with; undefined: none. */
  readonly against?: string | undefined;
  /** Rounds or cases are this many times those of the default; at least one remains. */
  readonly effort: number;
  /** A line of progress. */
  tell(line: string): void;
}

export interface Benchmark {
  readonly name: string;
  /** What is compared with what, one sentence. */
  readonly question: string;
  /** It takes long or installs something, so it runs only when it is named. */
  readonly isOnlyByName?: true;
  /** @throws IdiomError with a sentence when something that it needs is not there. */
  run(context: BenchContext): Promise<BenchmarkResult>;
}

/** `count` times the effort, at least 1. */
export function scaled(context: BenchContext, count: number): number {
  return Math.max(1, Math.round(count * context.effort));
}

export function isWithinBudget(figure: Figure): boolean | undefined {
  if (figure.budget === undefined) return undefined;
  const value = figure.budget.of === 'ratio' ? figure.ratio : figure.measured;
  return value === undefined ? undefined : value <= figure.budget.atMost;
}
