/**
 * The text of a document so kept that a change in a large one costs about as much as in a small one: typing stays in
 * one place, so only the piece around it is made anew. Immutable.
 */

import type { TextChange } from './editorEvent.ts';

/** What is read of a text; a string is one. Offsets are UTF-16 units and inside the text. */
export interface TextView {
  readonly length: number;
  slice(start: number, end?: number): string;
}

export interface DocumentText extends TextView {
  /** `change` with its offsets inside the text. */
  changed(change: TextChange): DocumentText;
  whole(): string;
}

/** Pieces up to this long are handled as they are; about 0.1 ms to copy. */
const maxPieceChars = 200_000;

export function documentText(text: string): DocumentText {
  return pieces('', text, '');
}

function pieces(before: string, near: string, after: string): DocumentText {
  const nearEnd = before.length + near.length;
  const length = nearEnd + after.length;
  function slice(start: number, end = length): string {
    if (start >= before.length && end <= nearEnd)
      return near.slice(start - before.length, end - before.length);
    return (
      before.slice(start, end) +
      near.slice(Math.max(0, start - before.length), Math.max(0, end - before.length)) +
      after.slice(Math.max(0, start - nearEnd), Math.max(0, end - nearEnd))
    );
  }
  function changed(change: TextChange): DocumentText {
    const { startOffset, endOffset, text } = change;
    const isNear = startOffset >= before.length && endOffset <= nearEnd && near.length <= maxPieceChars;
    if (!isNear) return cutAround(slice(0, startOffset), text, slice(endOffset));
    const [start, end] = [startOffset - before.length, endOffset - before.length];
    return pieces(before, near.slice(0, start) + text + near.slice(end), after);
  }
  return { length, slice, changed, whole: () => before + near + after };
}

/** Puts the changed place, with some text to both sides, into a piece of its own. */
function cutAround(before: string, text: string, after: string): DocumentText {
  const margin = maxPieceChars / 4;
  const start = Math.max(0, before.length - margin);
  return pieces(
    before.slice(0, start),
    before.slice(start) + text + after.slice(0, margin),
    after.slice(margin),
  );
}
