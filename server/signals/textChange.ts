/** Small operations on a single change of a text. */

import { commonPrefixLength, commonSuffixLength } from '../stats/editSimilarity.ts';
import type { TextView } from './documentText.ts';
import type { TextChange } from './editorEvent.ts';

/** The same change with its offsets inside `text` and in order. */
export function clampChange(text: TextView, change: TextChange): TextChange {
  const startOffset = Math.min(Math.max(0, change.startOffset), text.length);
  return {
    ...change,
    startOffset,
    endOffset: Math.min(Math.max(startOffset, change.endOffset), text.length),
  };
}

/**
 * Without what it replaces by itself at both ends. Editors send whole words, lines or documents where one character
 * changed. At the front, nothing from `frontLimit` on is taken away, so that typing at a cursor stays there.
 */
export function minimiseChange(text: TextView, change: TextChange, frontLimit = text.length): TextChange {
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

/** How far into a document its kind of line ends is looked for. */
const maxLineEndChars = 20_000;

/** `text` with line ends as in `like`; a document has one kind. */
export function withLineEndsOf(like: TextView, text: string): string {
  const normal = text.replaceAll('\r\n', '\n');
  const isCrLf = like.slice(0, maxLineEndChars).includes('\r\n');
  return isCrLf ? normal.replaceAll('\n', '\r\n') : normal;
}
