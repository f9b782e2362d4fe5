/** The states of a repository's learning loop, what each carries so that a restart goes on from it, and the events. Types only. */

/** Why a training begins. */
export type TrainingCause = 'volume' | 'schedule' | 'drift' | 'command' | 'forget';

/** What a training is to be: fixed when it begins, so that after a restart the very same goes on. */
export interface TrainingPlan {
  /** Names this training; results of another one are ignored. */
  readonly id: string;
  readonly cause: TrainingCause;
  readonly seed: number;
  /** Newest commit that is looked at; absent outside of git. */
  readonly asOf?: string | undefined;
  /** Outcomes are looked at up to this time, and the canary is scored on those after it. */
  readonly untilMs: number;
  /** What it starts from: a digest, `task` or `base`. */
  readonly parent: string;
  readonly budgetMs: number;
  /** How often it was begun again after a failure. */
  readonly nRetries: number;
}

/** Nothing new to learn; `notice` is how the last training ended, a sentence. */
export interface Idle {
  readonly kind: 'idle';
  readonly sinceMs: number;
  readonly notice?: string | undefined;
  /** A person ended the last training. */
  readonly wasCanceled?: boolean | undefined;
}
/** New examples gather; with a `wish`, a training waits for a good time. */
export interface Collecting {
  readonly kind: 'collecting';
  readonly sinceMs: number;
  readonly wish?: TrainingCause | undefined;
  readonly notice?: string | undefined;
  readonly wasCanceled?: boolean | undefined;
}
export interface Building {
  readonly kind: 'building';
  readonly sinceMs: number;
  readonly plan: TrainingPlan;
}
export interface Training {
  readonly kind: 'training';
  readonly sinceMs: number;
  readonly plan: TrainingPlan;
  readonly datasetDigest: string;
}
export interface Evaluating {
  readonly kind: 'evaluating';
  readonly sinceMs: number;
  readonly plan: TrainingPlan;
  /** Digest of the adapter that is judged. */
  readonly candidate: string;
  /** A digest, `task` or `base`. */
  readonly champion: string;
}
export interface Canary {
  readonly kind: 'canary';
  readonly sinceMs: number;
  readonly plan: TrainingPlan;
  readonly candidate: string;
  readonly champion: string;
  /** Why it may be promoted, while a person's word is waited for. A sentence. */
  readonly awaitsApproval?: string | undefined;
}
/** States in which a child may be at work or a decision is open. */
export type Working = Building | Training | Evaluating | Canary;
export interface Paused {
  readonly kind: 'paused';
  readonly sinceMs: number;
  /** Where it goes on. */
  readonly from: Idle | Collecting | Working | Failed;
}
export interface Failed {
  readonly kind: 'failed';
  readonly sinceMs: number;
  /** Full sentences. */
  readonly reason: string;
  readonly remedy?: string | undefined;
  /** Where it goes on at `retryAtMs`, or when a person asks. */
  readonly from: Building | Training | Evaluating;
  readonly retryAtMs: number;
}
export type LoopState = Idle | Collecting | Working | Paused | Failed;
export type LoopStateKind = LoopState['kind'];

/** What outlives a training. */
export interface LoopMemory {
  /** When the last training ended, however it ended. */
  readonly lastEndedAtMs?: number | undefined;
  /** Up to where outcomes and history were learned from. */
  readonly learned?: { readonly untilMs: number; readonly asOf?: string | undefined } | undefined;
}
export interface Loop {
  readonly state: LoopState;
  readonly memory: LoopMemory;
}

export type LoopEvent =
  /** Time has passed, or a fact has changed. */
  | { readonly kind: 'ticked' }
  /** The daemon has started, or the repository was opened again. */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'built'; readonly planId: string; readonly datasetDigest: string }
  /** There is too little to learn from. */
  | { readonly kind: 'declined'; readonly planId: string; readonly reason: string }
  | { readonly kind: 'trained'; readonly planId: string; readonly candidate: string }
  /** The gate's report is stored. */
  | {
      readonly kind: 'judged';
      readonly planId: string;
      readonly champion: string;
      readonly verdict: 'pass' | 'refuse';
      readonly reason: string;
    }
  | {
      readonly kind: 'failed';
      readonly planId: string;
      readonly reason: string;
      readonly remedy?: string | undefined;
    }
  /** What the canary's figures say. */
  | {
      readonly kind: 'decided';
      readonly candidate: string;
      readonly decision: 'promote' | 'rollBack';
      readonly why: string;
    }
  /** Somebody else moved the champion: a person, another process, a fallback from damaged files. */
  | { readonly kind: 'championMoved' }
  /** Something was forgotten. `isTouched`: what is under way learned from it. */
  | { readonly kind: 'forgotten'; readonly isTouched: boolean; readonly isRetraining: boolean };

/** What a transition may know beside state and event; asked anew for each. */
export interface LoopFacts {
  readonly nowMs: number;
  /** A digest, `task` or `base`. */
  readonly champion: string;
  readonly nNewExamples: number;
  /** Whether trainings begin by themselves. */
  readonly isAutomatic: boolean;
  /** A training that is due by itself; see triggers.ts. */
  readonly trigger: TrainingCause | undefined;
  /** A sentence on why a training of this cause does not begin now; see policy.ts. */
  hindrance(cause: TrainingCause): string | undefined;
  /** All of a new plan but its cause. */
  readonly nextPlan: Omit<TrainingPlan, 'cause' | 'nRetries'>;
  readonly approval: 'auto' | 'ask';
  /** Whether a passing report of this candidate against this champion is stored. */
  hasPassingReport(candidate: string, champion: string): boolean;
}

/** Written together with the new state, in one transaction. */
export type LedgerEffect =
  | { readonly kind: 'promote'; readonly digest: string; readonly champion: string; readonly why: string }
  | { readonly kind: 'startCanary'; readonly digest: string; readonly why: string }
  /** `isRolledBack`: figures spoke against it; else it just ends. */
  | {
      readonly kind: 'endCanary';
      readonly digest: string;
      readonly why: string;
      readonly isRolledBack: boolean;
    }
  | {
      readonly kind: 'audit';
      readonly who: AuditWho;
      readonly what: 'refused' | 'trained' | 'stateChanged';
      readonly digest?: string | undefined;
      readonly why: string;
    };
export type AuditWho = 'gate' | 'canary' | 'person' | 'policy' | 'forget';
/** Carried out after that; a restart carries them out again. */
export type WorkEffect =
  | { readonly kind: 'train'; readonly plan: TrainingPlan }
  | {
      readonly kind: 'judge';
      readonly plan: TrainingPlan;
      readonly candidate: string;
      readonly champion: string;
    }
  /** Ends what runs; checkpoints stay. */
  | { readonly kind: 'stop' }
  /** Removes what an unfinished training left. */
  | { readonly kind: 'discard'; readonly plan: TrainingPlan };
export type LoopEffect = LedgerEffect | WorkEffect;

export const initialLoop: Loop = { state: { kind: 'idle', sinceMs: 0 }, memory: {} };
