/** Small operations on a single change of a text. */

import { commonPrefixLength, commonSuffixLength } from '../stats/editSimilarity.ts';
import type { TextChange } from './editorEvent.ts';

/** The same change with its offsets inside `text` and in order. */
export function clampChange(text: string, change: TextChange): TextChange {
  const startOffset = Math.min(Math.max(0, change.startOffset), text.length);
  return {
    ...change,
    startOffset,
    endOffset: Math.min(Math.max(startOffset, change.endOffset), text.length),
  };
}

export function applyChange(text: string, change: TextChange): string {
  return text.slice(0, change.startOffset) + change.text + text.slice(change.endOffset);
}

/**
 * Without what it replaces by itself at both ends. Editors send whole words, lines or documents where one character
 * changed. At the front, nothing from `frontLimit` on is taken away, so that typing at a cursor stays there.
 */
export function minimiseChange(text: string, change: TextChange, frontLimit = text.length): TextChange {
  const removed = text.slice(change.startOffset, change.endOffset);
  const mostFront = Math.max(0, frontLimit - change.startOffset);
  const front = Math.min(mostFront, commonPrefixLength(removed, change.text));
  const back = commonSuffixLength(removed.slice(front), change.text.slice(front));
  return {
    startOffset: change.startOffset + front,
    endOffset: change.endOffset - back,
    text: change.text.slice(front, change.text.length - back),
  };
}

/** `text` with line ends as in `like`; a document has one kind. */
export function withLineEndsOf(like: string, text: string): string {
  const normal = text.replaceAll('\r\n', '\n');
  return like.includes('\r\n') ? normal.replaceAll('\n', '\r\n') : normal;
}
