/** What the inference of outcomes remembers, what it asks its surroundings to do, and its constants. All immutable. */

import type { StoredOutcome } from '../store/outcomes.ts';
import type { DocumentText } from './documentText.ts';
import type { StoredSurvival, SurvivalUnknown } from '../store/survivals.ts';
import type { KeptPlace } from './keptPlace.ts';

/** A suggestion counts as shown when it was there for so long; true paint times are not to be had from an editor. */
export const minVisibleMs = 250;
/** How long a verdict waits for a report that would overrule it: editors run an item's command after the change. */
export const graceMs = 1500;
export const maxLifeMs = 600_000;
/** A file that changes within this time of a checkout was changed by it. */
export const checkoutWindowMs = 5000;
/** A sample of a closed file that comes later than this says nothing about its time. */
export const maxLateMs = 60_000;
export const nRemembered = 500;

export interface SignalState {
  /** Open ones, and closed ones with tracked text in them, by URI. */
  readonly documents: ReadonlyMap<string, DocumentState>;
  /** At most one suggestion is visible in an editor window. */
  readonly live: LiveSuggestion | undefined;
  /** Ended, but a report may still overrule how. */
  readonly ending: readonly EndingSuggestion[];
  readonly tracked: readonly TrackedText[];
  /** Of suggestions that are shown or whose follow-up goes on. */
  readonly kept: readonly KeptPlace[];
  /** Id of a suggestion that merely went on showing an earlier one -> id of that one. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Ids of the latest ended ones. */
  readonly finished: ReadonlySet<string>;
  readonly checkouts: readonly { readonly rootUri: string; readonly atMs: number }[];
}

export interface DocumentState {
  readonly text: DocumentText;
  readonly isOpen: boolean;
  /** When `text` was last known to be what the editor or the disk has. Kept up to date for closed ones only. */
  readonly seenAtMs: number;
}

export interface LiveSuggestion {
  readonly id: string;
  readonly uri: string;
  /** With the document's line ends. */
  readonly text: string;
  /** Characters after the cursor that a whole acceptance may take away. */
  readonly replaceLength: number;
  readonly returnedAtMs: number;
  readonly shownAtMs: number | undefined;
  /** Offset in the document where `text` begins. */
  readonly anchor: number;
  /** How much of `text` is in the document before the cursor. */
  readonly consumed: number;
  /** Closers that the editor put in behind the cursor while the user typed along. */
  readonly nAutoClosed: number;
  /** Parts [from, to) of `text` that went in by partial acceptance. */
  readonly acceptedParts: readonly (readonly [number, number])[];
  /** The most characters that `acceptedParts` ever held. */
  readonly acceptedChars: number;
  /** The editor said that it was accepted, and the change has not come yet. */
  readonly acceptReportedAtMs: number | undefined;
}

export interface EndingSuggestion {
  readonly outcome: StoredOutcome;
  readonly uri: string;
  /** What `acceptedChars` becomes if it turns out to have been accepted. */
  readonly charsIfAccepted: number;
  readonly isChangeSeen: boolean;
  readonly dueMs: number;
}

/** Text whose survival is measured: a range that moves with the document. */
export interface TrackedText {
  readonly suggestionId: string;
  readonly uri: string;
  /** As it was accepted. */
  readonly text: string;
  /** Where it is now, [start, end); when `isLoose`, somewhere in there. */
  readonly start: number;
  readonly end: number;
  readonly isLoose: boolean;
  /** Best guess of its start; meaningful when `isLoose`. */
  readonly hint: number;
  readonly acceptedAtMs: number;
  /** Index into `survivalAfterS` of the next sample. */
  readonly nextSample: number;
  /** A file was asked for and has not come. */
  readonly isReading: boolean;
  /** When something larger than a keystroke last changed the range. */
  readonly rewrittenAtMs: number | undefined;
  readonly lost: SurvivalUnknown | undefined;
  /** Not known yet whether it was accepted; such text is not sampled. */
  readonly isTentative: boolean;
}

export type SignalEffect =
  /** A new suggestion, with the text around its cursor, cut. */
  | {
      readonly kind: 'begun';
      readonly suggestionId: string;
      readonly prefix: string;
      readonly suffix: string;
    }
  | { readonly kind: 'outcome'; readonly uri: string; readonly outcome: StoredOutcome }
  | { readonly kind: 'survival'; readonly uri: string; readonly survival: StoredSurvival }
  /** What stands in the place of a suggestion now; undefined: nothing that a developer kept. */
  | {
      readonly kind: 'kept';
      readonly uri: string;
      readonly suggestionId: string;
      readonly text: string | undefined;
    }
  /** To be answered by a `fileRead` event. */
  | { readonly kind: 'readFile'; readonly uri: string };

export interface Step {
  readonly state: SignalState;
  readonly effects: readonly SignalEffect[];
}

export const initialSignalState: SignalState = {
  documents: new Map(),
  live: undefined,
  ending: [],
  tracked: [],
  kept: [],
  aliases: new Map(),
  finished: new Set(),
  checkouts: [],
};
