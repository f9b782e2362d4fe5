/** What one change of a document means for the suggestion that is visible in it. Pure; decides no outcome. */

import { commonPrefixLength } from '../stats/editSimilarity.ts';
import type { TextView } from './documentText.ts';
import type { TextChange } from './editorEvent.ts';
import type { LiveSuggestion } from './signalState.ts';
import { minimiseChange } from './textChange.ts';

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type Followed =
  /** Still visible, perhaps moved or shortened. */
  | { readonly kind: 'alive'; readonly live: LiveSuggestion; readonly isPartialAccept: boolean }
  /** All of it is in the document now; `isTyped` when the last of it was a keystroke. */
  | { readonly kind: 'whole'; readonly isTyped: boolean }
  /** Something else is there now; `inserted` is what came in, if it was more than a keystroke. */
  | { readonly kind: 'diverged'; readonly inserted: TextRange | undefined }
  /** A larger piece of the document around the cursor was replaced, as by a formatter. */
  | { readonly kind: 'rewritten' };

/** `text` is the document before `change`, whose offsets are inside it. */
export function followSuggestion(live: LiveSuggestion, text: TextView, change: TextChange): Followed {
  const cursor = live.anchor + live.consumed;
  if (isOvertyped(live, text, change, cursor)) return overtype(live, change.text.length);
  const small = minimiseChange(text, change, cursor);
  if (small.startOffset === small.endOffset && small.text === '') return alive(live);
  if (small.startOffset > cursor) return alive(live);
  if (small.startOffset < live.anchor) return changedBefore(live, small, cursor);
  if (hasWhole(live, text, small, cursor)) {
    return { kind: 'whole', isTyped: isKeystroke(live.text.slice(live.consumed)) };
  }
  return advance(live, { text, cursor, small, isReplacingWord: replacesWord(text, change, cursor) });
}

function alive(live: LiveSuggestion, isPartialAccept = false): Followed {
  return { kind: 'alive', live, isPartialAccept };
}

/** The user typed a closer that the editor had put in already: it is replaced by itself. */
function isOvertyped(live: LiveSuggestion, text: TextView, change: TextChange, cursor: number): boolean {
  return (
    change.text !== '' &&
    change.startOffset === cursor &&
    text.slice(change.startOffset, change.endOffset) === change.text &&
    live.text.startsWith(change.text, live.consumed)
  );
}

function overtype(live: LiveSuggestion, nChars: number): Followed {
  const consumed = live.consumed + nChars;
  const nAutoClosed = Math.max(0, live.nAutoClosed - nChars);
  if (consumed === live.text.length) return { kind: 'whole', isTyped: true };
  return alive({ ...live, consumed, nAutoClosed });
}

function changedBefore(live: LiveSuggestion, small: TextChange, cursor: number): Followed {
  const isApart = small.endOffset < live.anchor || (small.endOffset === live.anchor && live.consumed > 0);
  // An insertion right at the cursor starts at the anchor and never comes here.
  if (isApart) {
    const shift = small.text.length - (small.endOffset - small.startOffset);
    return alive({ ...live, anchor: live.anchor + shift });
  }
  if (small.endOffset > cursor) return { kind: 'rewritten' };
  return { kind: 'diverged', inserted: insertedRange(small) };
}

/** Whether the suggestion is in the document from the anchor on, and after it what was after the cursor. */
function hasWhole(live: LiveSuggestion, text: TextView, small: TextChange, cursor: number): boolean {
  const { startOffset, endOffset } = small;
  const changeEnd = startOffset + small.text.length;
  const end = live.anchor + live.text.length;
  const nReplaced = end - cursor + (endOffset - changeEnd);
  if (nReplaced < 0 || nReplaced > live.replaceLength + live.nAutoClosed) return false;
  const behind = text.slice(endOffset, endOffset + Math.max(0, end - changeEnd));
  const entered = text.slice(live.anchor, startOffset) + small.text + behind;
  if (!entered.startsWith(live.text)) return false;
  return (
    entered.slice(live.text.length) === (end < changeEnd ? text.slice(cursor + nReplaced, endOffset) : '')
  );
}

interface Situation {
  readonly text: TextView;
  readonly cursor: number;
  readonly small: TextChange;
  readonly isReplacingWord: boolean;
}

function advance(live: LiveSuggestion, situation: Situation): Followed {
  const { cursor, small, text } = situation;
  const diverged = { kind: 'diverged', inserted: insertedRange(small) } as const;
  const nReplaced = Math.max(0, small.endOffset - cursor);
  if (nReplaced > live.replaceLength + live.nAutoClosed || small.endOffset < cursor) return diverged;
  const entered = text.slice(live.anchor, small.startOffset) + small.text;
  const consumed = commonPrefixLength(entered, live.text);
  const closers = entered.slice(consumed);
  if (closers !== '' && !isAutoClosing(live, consumed, closers)) return diverged;
  const next = {
    ...live,
    consumed,
    nAutoClosed: Math.max(0, live.nAutoClosed - nReplaced) + closers.length,
    replaceLength: live.replaceLength - Math.max(0, nReplaced - live.nAutoClosed),
    acceptedParts: cutParts(live.acceptedParts, consumed),
  };
  if (closers !== '' || situation.isReplacingWord || !isWholeWord(live, consumed)) return alive(next);
  const acceptedParts = [...next.acceptedParts, [live.consumed, consumed] as const];
  const acceptedChars = Math.max(live.acceptedChars, countChars(acceptedParts));
  return alive({ ...next, acceptedParts, acceptedChars }, true);
}

/** The change is one that the user made by one key, although it may be several characters. */
function isKeystroke(piece: string): boolean {
  return piece.length < 2 || piece.trim() === '' || pairs.has(piece);
}

const pairs: ReadonlySet<string> = new Set(['()', '[]', '{}', '<>', '""', "''", '``']);

/** Behind an opener come its closer, or the line end and indentation that Enter puts before a closer. */
function isAutoClosing(live: LiveSuggestion, consumed: number, closers: string): boolean {
  if (consumed <= live.consumed) return false;
  const last = live.text.charAt(consumed - 1);
  return pairs.has(last + closers) || (/\s/.test(last) && /^\r?\n\s*[)\]}]?$/.test(closers));
}

/** The new part ends where a word ends, has one in it, and is more than a key: a word or line was accepted. */
function isWholeWord(live: LiveSuggestion, consumed: number): boolean {
  const piece = live.text.slice(live.consumed, consumed);
  if (isKeystroke(piece) || !/[\p{L}\p{N}_]/u.test(piece)) return false;
  const isWordAt = (i: number) => /[\p{L}\p{N}_]/u.test(live.text.charAt(i));
  return !(isWordAt(consumed - 1) && isWordAt(consumed));
}

/** The suggest widget replaces the word that was begun; accepting a part of a suggestion only adds. */
function replacesWord(text: TextView, change: TextChange, cursor: number): boolean {
  const removed = text.slice(change.startOffset, Math.min(change.endOffset, cursor));
  return removed !== '' && !removed.includes('\n');
}

function insertedRange(small: TextChange): TextRange | undefined {
  if (isKeystroke(small.text)) return undefined;
  return { start: small.startOffset, end: small.startOffset + small.text.length };
}

function cutParts(parts: LiveSuggestion['acceptedParts'], end: number): LiveSuggestion['acceptedParts'] {
  return parts.flatMap(([from, to]) => (from >= end ? [] : [[from, Math.min(to, end)] as const]));
}

function countChars(parts: LiveSuggestion['acceptedParts']): number {
  return parts.reduce((sum, [from, to]) => sum + to - from, 0);
}
