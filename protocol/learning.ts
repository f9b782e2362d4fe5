/** Messages of the learning loop: what a repository's loop does, its adapter versions, and what a person can ask of it. */

import type { EvalReport } from './evalReport.ts';

/** Every request names the repository by the URI of any file or folder in it. */
export interface RepositoryParams {
  readonly uri: string;
}

export type LoopStateName =
  'idle' | 'collecting' | 'building' | 'training' | 'evaluating' | 'canary' | 'paused' | 'failed';

/** `idiom/learning`, daemon to client, notification: whole each time, on connecting and on change, at most four times a second. */
export interface LearningParams {
  readonly repositories: readonly RepositoryLearning[];
}
export interface RepositoryLearning {
  readonly repoId: string;
  readonly name: string;
  /** Absolute path on the daemon's machine. */
  readonly root: string;
  readonly state: LoopStateName;
  /** One line: what is going on, or why it failed or waits. */
  readonly detail: string;
  /** While `building`, `training` or `evaluating`. */
  readonly progress?: LearningProgress;
  /** New examples since the last training, and how many start one. */
  readonly nNewExamples: number;
  readonly nWanted: number;
  /** Digest of the adapter that serves, or "task" or "base". */
  readonly serving: string;
  /** Why it is not the champion, when it is not. A sentence. */
  readonly servingNotice?: string;
  /** A person ended the last training, and nothing has begun since. */
  readonly wasCanceled?: boolean;
  /** A version that passed the gate and waits for a person; see the setting `learning.approval`. */
  readonly awaitsApproval?: string;
  /** Of a canary: what was counted so far, for a person. */
  readonly canary?: CanaryStanding;
}
export interface LearningProgress {
  /** 0 to 1; of the state, not of a stage, and never less than before. */
  readonly share: number;
  /** What is done just now: of `building` the first four, of `training` the others. */
  readonly stage?:
    'history' | 'files' | 'prompts' | 'tokens' | 'loading' | 'measuring' | 'training' | 'saving';
  /** Of the state, pauses not counted; absent while that would be a guess. */
  readonly secondsLeft?: number;
  /** The trainer gets less than half of the processor time that it could use. */
  readonly isSlow?: boolean;
  /** While `training`. */
  readonly step?: number;
  readonly nSteps?: number;
  readonly tokensPerSecond?: number;
  /** The loss of each step so far, in nats per token, thinned to at most 200. */
  readonly losses?: readonly number[];
}
export interface CanaryStanding {
  readonly digest: string;
  readonly sinceMs: number;
  /** Share of the days that it serves, 0 to 1. */
  readonly share: number;
  readonly nScored: number;
  /** Nats per token on what was really typed, champion minus candidate: above 0 is better. */
  readonly meanGain: number;
  /** Confidence sequence of the mean gain: promoted when `low` is above `promoteAbove`, rolled back when `high` is below `rollBackBelow`. */
  readonly low: number;
  readonly high: number;
  readonly promoteAbove: number;
  readonly rollBackBelow: number;
}

/** `idiom/versions`, client to daemon, request with RepositoryParams; reply: VersionsResult. */
export interface VersionsResult {
  readonly repoId: string;
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly AdapterVersion[];
  readonly aliases: Aliases;
}
export interface Aliases {
  readonly champion?: string;
  readonly previous?: string;
  readonly canary?: string;
}
export interface AdapterVersion {
  readonly digest: string;
  /** Counted by repository, from 1, in the order in which versions became known: a person's name for it is "v7". */
  readonly number: number;
  readonly createdAtMs: number;
  readonly baseName: string;
  readonly baseDigest: string;
  /** Absent: a fresh one. */
  readonly parentDigest?: string;
  readonly datasetDigest: string;
  /** Newest commit that was looked at. */
  readonly asOf: string;
  /** Examples by source, for example `history fillIn`. */
  readonly sources: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
  readonly aliases: readonly (keyof Aliases)[];
  /** Of its newest report; absent before it was judged. */
  readonly verdict?: EvalReport['verdict'];
  /** Full sentences: why it was refused, that its files are damaged, that something it learned from was forgotten. */
  readonly notices: readonly string[];
  /** Trained tokens, steps, seconds. */
  readonly training?: { readonly nTokens: number; readonly nSteps: number; readonly durationMs: number };
  readonly nllChange?: { readonly mean: number; readonly low: number; readonly high: number };
}

/** `idiom/report`, client to daemon, request; reply: EvalReport, or null when that version was not judged. */
export interface ReportParams extends RepositoryParams {
  readonly digest: string;
}

/** `idiom/train`, client to daemon, request with RepositoryParams: begins now; reply: null. Errors say why not. */
/** `idiom/cancel`, client to daemon, request with RepositoryParams: ends what runs and keeps nothing of it; reply: null. */

/** `idiom/promote`, client to daemon, request; reply: VersionsResult. Without a passing report a reason is needed, which is logged. */
export interface PromoteParams extends RepositoryParams {
  readonly digest: string;
  /** Why a version is put in use although the gate refused it, in a person's words. */
  readonly overrideReason?: string;
}

/** `idiom/rollback`, client to daemon, request; reply: VersionsResult. Effective on the next suggestion. */
export interface RollbackParams extends RepositoryParams {
  readonly reason?: string;
}

/** `idiom/pause`, client to daemon, request: stops or lets go on all learning of the repository; reply: null. */
export interface PauseParams extends RepositoryParams {
  readonly isPaused: boolean;
}

/** `idiom/thumbs`, client to daemon, request: a person's word on a suggestion; reply: null. An error says that nothing is recorded of it. */
export interface ThumbsParams {
  readonly suggestionId: string;
  readonly thumbs: 'up' | 'down';
}

/**
 * `idiom/forget`, client to daemon, request; reply: ForgetResult. All conditions hold together; none at all means everything
 * of the repository. A span of time without a path is about what was recorded of suggestions; what git has goes by its path.
 */
export interface ForgetParams extends RepositoryParams {
  /** Relative to the repository; a folder counts with all that is in it. */
  readonly path?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only count; nothing is deleted. */
  readonly isDryRun?: boolean;
}
export interface ForgetResult {
  readonly nSuggestions: number;
  readonly nOutcomes: number;
  readonly nExamples: number;
  readonly nDatasets: number;
  /** Adapters whose lineage held something of it. */
  readonly adapters: readonly string[];
  /** Where the champion was one of them: what serves now, "task" or "base" included, and whether a new training was begun. */
  readonly rolledBackTo?: string;
  readonly isRetraining: boolean;
}

/** `idiom/dashboard`, client to daemon, request; reply: DashboardResult. Figures only, no code text. */
export interface DashboardParams extends RepositoryParams {
  /** How many days the figures are of; default 90, at most that. */
  readonly nDays?: number;
}
export interface DashboardResult {
  readonly learning: RepositoryLearning;
  readonly versions: VersionsResult;
  /** At most so many as were asked for, from the first suggestion on, oldest first; days in the daemon's time zone, ISO 8601. */
  readonly days: readonly OutcomeDay[];
  readonly period: DashboardPeriod;
  /** Of the period, by language and by folder, the ones with most suggestions first. */
  readonly places: readonly PlaceFigures[];
  /** What the version in use is worth, of all that is recorded. */
  readonly learned: LearnedEffect;
  /** Of the newest trainings, newest first. */
  readonly curves: readonly TrainingCurve[];
  /** Of the period. */
  readonly cost: { readonly trainingCpuMs: number; readonly nTrainings: number };
  /** Of the period. */
  readonly byAdapter: readonly AdapterOutcomes[];
  /** Milliseconds of the last 1,000 suggestions, by stage. */
  readonly latency: readonly LatencyRow[];
  readonly storage: readonly { readonly what: string; readonly sizeBytes: number }[];
  readonly index?: { readonly nFiles: number; readonly nChunks: number; readonly indexBytes: number };
  /** Newest first, at most 200. */
  readonly audit: readonly AuditEntry[];
}
export interface DashboardPeriod {
  readonly nDays: number;
  readonly current: PeriodFigures;
  /** Of as many days before; absent where too little is recorded of them. */
  readonly previous?: PeriodFigures;
  /** Characters kept; the week is today and the six days before. */
  readonly keptToday: number;
  readonly keptThisWeek: number;
}
export interface PeriodFigures {
  readonly shown: number;
  /** Of the shown, accepted whole or in part. */
  readonly taken: number;
  /** Accepted characters that were still there at the last look. */
  readonly keptChars: number;
  /** Of days on which typing was counted: accepted characters, and those typed by hand. */
  readonly acceptedChars: number;
  readonly typedChars: number;
  /** Requests that brought a suggestion, and those that were waited for and brought none; where that was counted. */
  readonly nAnswered: number;
  readonly nNothing: number;
  /** Milliseconds from the request, which the last key makes, to the suggestion; absent without any. */
  readonly waitMs?: { readonly p50: number; readonly p95: number };
}
export interface OutcomeDay {
  readonly day: string;
  readonly shown: number;
  /** Of the shown, accepted whole or in part. */
  readonly taken: number;
  readonly accepted: number;
  readonly partiallyAccepted: number;
  readonly typedOut: number;
  /** Something else was typed, or the suggestion was dismissed. */
  readonly rejected: number;
  /** The part of `rejected` that was dismissed by a key. */
  readonly dismissed: number;
  readonly ignored: number;
  /** Accepted characters that were still there at the last look. */
  readonly retainedChars: number;
  readonly acceptedChars: number;
  readonly typedChars: number;
  readonly nNothing: number;
  /** Milliseconds from request to suggestion; absent without any. */
  readonly waitP50?: number;
}
export interface PlaceFigures {
  readonly by: 'language' | 'folder';
  /** Language id, or a folder relative to the repository; "." is its root. */
  readonly name: string;
  readonly shown: number;
  readonly taken: number;
  readonly keptChars: number;
  readonly typedOut: number;
}
export type LearnedEffect =
  /** No version of this repository is in use. */
  | { readonly kind: 'none' }
  /** `n`: suggestions of the side that has fewer, of `nNeeded`. */
  | {
      readonly kind: 'tooFew';
      readonly version: string;
      readonly against: string;
      readonly n: number;
      readonly nNeeded: number;
    }
  /** Characters kept per suggestion shown: of the version (or all versions) over what was in use before, with a 95 % interval. */
  | {
      readonly kind: 'measured';
      /** Digest; `isAll`: of the first version, and all of them count. */
      readonly version: string;
      readonly isAll: boolean;
      /** Digest, or "task" for what comes with Idiom. */
      readonly against: string;
      readonly ratio: number;
      readonly low: number;
      readonly high: number;
      readonly nAfter: number;
      readonly nBefore: number;
    };
export interface TrainingCurve {
  /** Of the version that came of it. */
  readonly digest: string;
  readonly nSteps: number;
  /** Nats per token of each step's examples, evenly thinned to at most 200 from the first step to the last. */
  readonly losses: readonly number[];
  /** Nats per token of lines that are not trained on, after so many steps. */
  readonly validation: readonly { readonly step: number; readonly nll: number }[];
}
export interface AdapterOutcomes {
  /** Digest, "task" or "base". */
  readonly adapter: string;
  readonly shown: number;
  readonly accepted: number;
  readonly retainedChars: number;
  /** The figure to optimise. */
  readonly retainedCharsPerShown: number;
}
export interface LatencyRow {
  readonly stage: string;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}
export interface AuditEntry {
  readonly atMs: number;
  /** `gate`, `canary`, `person`, `policy`, `forget`. */
  readonly who: string;
  /** `promoted`, `rolledBack`, `refused`, `trained`, `canaryStarted`, `canaryEnded`, `stateChanged`, `forgotten`, `imported`, `collected`. */
  readonly what: string;
  readonly digest?: string;
  /** A full sentence. */
  readonly why: string;
}

export const learningMessages = {
  learning: 'idiom/learning',
  versions: 'idiom/versions',
  report: 'idiom/report',
  train: 'idiom/train',
  cancel: 'idiom/cancel',
  promote: 'idiom/promote',
  rollback: 'idiom/rollback',
  pause: 'idiom/pause',
  thumbs: 'idiom/thumbs',
  forget: 'idiom/forget',
  dashboard: 'idiom/dashboard',
} as const;
