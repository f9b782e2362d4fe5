/** A dataset as a value: what is learned, what it is measured on, and the manifest that says how it came about. */

import type { Example } from './example.ts';
import type { EvaluationItem, TrainingItem } from './trainingItem.ts';
import type { DatasetSettings } from './datasetSettings.ts';

export interface Dataset {
  readonly manifest: DatasetManifest;
  /** As text, in the order of `items`. */
  readonly examples: readonly Example[];
  readonly items: readonly TrainingItem[];
  readonly evaluation: readonly EvaluationItem[];
}

/** Everything that tells two datasets apart, and nothing that changes from one build of the same one to the next. */
export interface DatasetManifest {
  /** Raised when the files of a dataset change their meaning. */
  readonly version: 1;
  readonly repository: { readonly name: string; readonly repoId: string };
  /** Full id of the newest commit that was looked at. */
  readonly asOf: string;
  readonly seed: number;
  readonly settings: DatasetSettings;
  readonly baseModel: {
    readonly digest: string;
    readonly name: string;
    readonly architecture: string;
    readonly fimFormat: string;
    /** SHA-256 of the token ids of a fixed text. */
    readonly tokenizerDigest: string;
  };
  readonly split: {
    /** A sentence. */
    readonly rule: string;
    /** Training sees nothing newer than this commit. */
    readonly trainingHead: string;
    /** ISO 8601; of the oldest held-out commit. */
    readonly heldOutSince: string | undefined;
    readonly nTrainingCommits: number;
    readonly nHeldOutCommits: number;
    readonly oldestTrainingCommit: string | undefined;
  };
  /** Examples by source and kind, for example `history window`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Left out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly nSecretsScrubbed: number;
  /** Which scrubber took them out; absent in what was made before there was a number. See secrets/scrubberVersion.ts. */
  readonly scrubberVersion?: number;
  readonly tokens: {
    readonly window: number;
    readonly fillIn: number;
    /** Of fill-in cases, those of middles and their ends. */
    readonly middle: number;
  };
  readonly evaluation: {
    readonly nByTime: number;
    readonly nByFile: number;
    /** Cases whose line, by itself, stands somewhere in training too: what a repository repeats. */
    readonly nLinesSeen: number;
  };
}
