/** The numbers of a dataset in one place; docs/learning.md has what was measured about them. */

export interface DatasetSettings {
  /** Newest commits that are looked at. */
  readonly maxCommits: number;
  /** A commit with a larger diff is an import or a reformat, and says nothing about how people write. */
  readonly maxDiffBytes: number;
  /** Files of one commit that are read, drawn at random when there are more. */
  readonly maxFilesPerCommit: number;
  /** Cases for evaluation, from the newest commits. */
  readonly nEvaluationCases: number;
  /** At most this share of the commits is held out for them. */
  readonly heldOutCommitShare: number;
  /** Share of all paths that training never sees, at any time. */
  readonly heldOutFileShare: number;
  readonly nFillIns: number;
  /** Of the fill-in cases, the share from history; the rest are from present files. */
  readonly fillInHistoryShare: number;
  /** Share of the fill-in cases whose prompt has retrieved snippets. */
  readonly retrievalShare: number;
  /** Tokens of plain windows, all together. */
  readonly windowTokens: number;
  /** Of the windows, the share around lines that commits added. */
  readonly windowHistoryShare: number;
  /** Replay examples for each example of the repository. */
  readonly replayShare: number;
  /** Longest item, prompt and middle and end together, or window. */
  readonly maxItemTokens: number;
  /** A longer middle is cut at a line end. */
  readonly maxMiddleTokens: number;
  /**
   * Weight of a middle's tokens where a window's have 1. A fill-in case has a dozen of them, a window some hundreds; with
   * 4, middles are an eighth of what a training step looks at.
   */
  readonly middleWeight: number;
  /** Weight of a prompt's tokens where a window's have 1. */
  readonly promptWeight: number;
  /** After this many commits an added line weighs half; it never weighs less than `minHistoryWeight`. */
  readonly halfLifeCommits: number;
  readonly minHistoryWeight: number;
  readonly snapshotWeight: number;
  readonly replayWeight: number;
  /** Two texts with this share of common lines are one. */
  readonly duplicateShare: number;
}

export const defaultDatasetSettings: DatasetSettings = {
  maxCommits: 300,
  maxDiffBytes: 8 * 2 ** 20,
  maxFilesPerCommit: 24,
  nEvaluationCases: 100,
  heldOutCommitShare: 0.2,
  heldOutFileShare: 0.05,
  nFillIns: 520,
  fillInHistoryShare: 0.7,
  retrievalShare: 0.75,
  windowTokens: 130_000,
  windowHistoryShare: 0.5,
  replayShare: 0.1,
  maxItemTokens: 512,
  maxMiddleTokens: 96,
  middleWeight: 4,
  promptWeight: 0.5,
  halfLifeCommits: 100,
  minHistoryWeight: 0.25,
  snapshotWeight: 0.5,
  replayWeight: 0.5,
  duplicateShare: 0.8,
};
