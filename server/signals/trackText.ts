/** Follows accepted text through later changes of its document, and says how much of it is left. Pure. */

import { editSimilarity, nearestPart } from '../stats/editSimilarity.ts';
import type { TextView } from './documentText.ts';
import type { TextChange } from './editorEvent.ts';
import type { TrackedText } from './signalState.ts';

/** How far around its supposed place text is looked for, in characters each way. */
const searchChars = 1500;
/** Of text that had to be looked for, less than this likeness is chance. */
const minFoundSimilarity = 0.5;

/** `small` is a change of its document, minimised. */
export function trackText(tracked: TrackedText, small: TextChange, atMs: number): TrackedText {
  const { startOffset, endOffset } = small;
  const delta = small.text.length - (endOffset - startOffset);
  if (delta === 0 && small.text === '') return tracked;
  const { start, end } = tracked;
  // What was deleted can come back in the same place, by redo.
  const isRefilling = start === end && startOffset === start && endOffset === end;
  if (!isRefilling && endOffset <= start) {
    return { ...tracked, start: start + delta, end: end + delta, hint: tracked.hint + delta };
  }
  if (!isRefilling && startOffset >= end) return tracked;
  const isMoreThanAKey = Math.max(small.text.length, endOffset - startOffset) > 1;
  const touched = { ...tracked, rewrittenAtMs: isMoreThanAKey ? atMs : tracked.rewrittenAtMs };
  const moved = {
    ...touched,
    start: Math.min(start, startOffset),
    end: Math.max(end, endOffset) + delta,
  };
  const isInside = startOffset >= start && endOffset <= end;
  if (small.text === '' || isInside) return { ...moved, hint: Math.min(moved.hint, moved.end) };
  return { ...moved, isLoose: true, hint: guessPlace(touched, small) };
}

/** Where the text should be inside a replacement, if it was stretched evenly. */
function guessPlace(tracked: TrackedText, small: TextChange): number {
  const place = tracked.isLoose ? tracked.hint : tracked.start;
  if (place <= small.startOffset) return place;
  const part = (place - small.startOffset) / Math.max(1, small.endOffset - small.startOffset);
  return Math.round(small.startOffset + Math.min(1, part) * small.text.length);
}

/** 0: nothing left, 1: all there, in the document `text`. */
export function similarityNow(tracked: TrackedText, text: TextView): number {
  if (!tracked.isLoose) return editSimilarity(tracked.text, text.slice(tracked.start, tracked.end));
  if (tracked.text === '' || text.slice(tracked.start, tracked.end).includes(tracked.text)) return 1;
  const from = Math.max(tracked.start, tracked.hint - searchChars);
  const to = Math.min(tracked.end, tracked.hint + tracked.text.length + searchChars);
  const part = text.slice(from, to);
  const nearest = nearestPart(part, tracked.text);
  const similarity = editSimilarity(tracked.text, part.slice(nearest.start, nearest.end));
  return similarity < minFoundSimilarity ? 0 : similarity;
}
