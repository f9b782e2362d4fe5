/** Everything that can happen around a suggestion, as one closed union; the editor's protocol is not known here. */

/** In UTF-16 offsets of the text before this single change. Offsets outside the text mean its nearer end. */
export interface TextChange {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly text: string;
}

/** What the inference needs to know of a suggestion. */
export interface SuggestedText {
  readonly id: string;
  readonly uri: string;
  /** Of the cursor. */
  readonly offset: number;
  /** Goes in at the cursor. */
  readonly text: string;
  /** Characters after the cursor that `text` takes the place of. */
  readonly replaceLength: number;
}

/** What only an editor can tell. accepted: the item's command ran. rejected: Escape. hidden: the cursor left it. */
export type ReportedEvent = 'accepted' | 'rejected' | 'hidden';

export type FileContent = { readonly text: string } | { readonly problem: 'fileGone' | 'unreadable' };

/** All times are wall-clock milliseconds and do not decrease. */
export type EditorEvent =
  | { readonly kind: 'opened'; readonly atMs: number; readonly uri: string; readonly text: string }
  | {
      readonly kind: 'changed';
      readonly atMs: number;
      readonly uri: string;
      readonly version: number;
      /** One after the other. */
      readonly changes: readonly TextChange[];
    }
  | { readonly kind: 'closed'; readonly atMs: number; readonly uri: string }
  | { readonly kind: 'saved'; readonly atMs: number; readonly uri: string }
  /** A file or a folder. */
  | { readonly kind: 'renamed'; readonly atMs: number; readonly oldUri: string; readonly newUri: string }
  | { readonly kind: 'returned'; readonly atMs: number; readonly suggestion: SuggestedText }
  /** A completion request: it tells where the cursor is. */
  | { readonly kind: 'requested'; readonly atMs: number; readonly uri: string; readonly offset: number }
  | {
      readonly kind: 'reported';
      readonly atMs: number;
      readonly suggestionId: string;
      readonly event: ReportedEvent;
    }
  /** Git moved HEAD of the working tree at `rootUri`. */
  | { readonly kind: 'checkout'; readonly atMs: number; readonly rootUri: string }
  /** The answer to a `readFile` effect. */
  | { readonly kind: 'fileRead'; readonly atMs: number; readonly uri: string; readonly content: FileContent }
  /** Time went by. */
  | { readonly kind: 'tick'; readonly atMs: number }
  /** The editor is gone, and nothing more will be told. */
  | { readonly kind: 'ended'; readonly atMs: number };
