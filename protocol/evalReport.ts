/** What the gate found about a candidate adapter, as it is stored, sent and printed. Plain JSON; its field names stay. */

export interface EvalReport {
  readonly version: 1;
  /** Digest of the adapter that is judged; "base" and "task" are names too. */
  readonly candidate: string;
  /** What it is compared with, on the same cases with the same retrieval. */
  readonly champion: string;
  readonly baseDigest: string;
  /** Of the dataset whose held-out cases were used; absent when the cases came from elsewhere. */
  readonly datasetDigest?: string;
  readonly createdAtMs: number;
  readonly durationMs: number;
  readonly verdict: 'pass' | 'refuse';
  /** One for each rule, in the order they were looked at; the verdict is `pass` when all hold. */
  readonly rules: readonly RuleResult[];
  /** Keyed by set. `repository`: held-out newest lines and files; `frozen`: the first ones, for the trend; `outside`: other repositories. */
  readonly sets: Readonly<Record<string, SetSummary>>;
  /** Every case of every set, so that two versions can be laid side by side. */
  readonly cases: readonly CaseResult[];
  readonly regression: readonly RegressionResult[];
  readonly memorisation: MemorisationResult;
  /** Cases where the candidate is weak, grouped; the largest group first. */
  readonly weaknesses: readonly WeaknessGroup[];
  readonly sizeBytes: number;
  /** Which scrubber took secrets out of its texts; absent in what was made before there was one. */
  readonly scrubberVersion?: number;
}

export interface RuleResult {
  /** One word, for programs: `nll`, `exactMatch`, `outside`, `regression`, `memorisation`, `latency`, `enoughCases`, `size`. */
  readonly rule: string;
  readonly holds: boolean;
  /** A full sentence with the figures. */
  readonly reason: string;
}

/** Of paired values: candidate minus champion, with a 95 % bootstrap interval. */
export interface PairedChange {
  readonly champion: number;
  readonly candidate: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface SetSummary {
  readonly nCases: number;
  /** Cases that were completed too; absent when none was. */
  readonly nCompleted?: number;
  /** Nats per token of the true middle; less is better. */
  readonly nll: PairedChange;
  /** Of the first line, as shares from 0 to 1; absent when nothing was completed. */
  readonly exactMatch?: PairedChange & {
    /** Cases that only one of them got right, and McNemar's exact two-sided p-value. */
    readonly onlyChampion: number;
    readonly onlyCandidate: number;
    readonly mcnemarP: number;
  };
  readonly editSimilarity?: PairedChange;
  /** Milliseconds of a whole request, medians. */
  readonly latencyMs?: { readonly champion: number; readonly candidate: number };
}

export interface CaseResult {
  readonly set: string;
  readonly path: string;
  readonly languageId: string;
  /** 1-based. */
  readonly line: number;
  readonly commit: string;
  /** The last lines before the cursor, for a person. */
  readonly before: string;
  /** What was really written. */
  readonly middle: string;
  readonly champion: CaseSide;
  readonly candidate: CaseSide;
}
export interface CaseSide {
  /** Nats per token. */
  readonly nll: number;
  /** Absent when this case was only scored. */
  readonly text?: string;
  readonly isExactMatch?: boolean;
  readonly editSimilarity?: number;
  readonly latencyMs?: number;
}

export interface RegressionResult {
  readonly name: string;
  readonly passed: boolean;
  readonly isAdversarial: boolean;
  readonly text: string;
  /** Full sentences; empty when it passed. */
  readonly reasons: readonly string[];
}

export interface MemorisationResult {
  readonly nProbes: number;
  /** Probes whose secret the candidate wrote, or holds likelier than the champion does beyond the limit; never the secret itself. */
  readonly leaked: readonly { readonly path: string; readonly line: number; readonly why: string }[];
}

export interface WeaknessGroup {
  readonly by: 'kind' | 'language' | 'folder';
  readonly name: string;
  readonly nCases: number;
  readonly nWorse: number;
  /** Mean change of NLL, candidate minus champion. */
  readonly meanNllChange: number;
}
