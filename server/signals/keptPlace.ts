/** Follows the place of a suggestion through later changes of its document, and reads what stands there in its stead. Pure. */

import { maxSuffixChars } from '../store/suggestions.ts';
import type { TextView } from './documentText.ts';
import type { TextChange } from './editorEvent.ts';

export interface KeptPlace {
  readonly suggestionId: string;
  readonly uri: string;
  /**
   * [start, end): all that came in between what stood before the cursor and what stood behind it. When `isLoose`, a change
   * went across an edge, and the place has to be looked for around there.
   */
  readonly start: number;
  readonly end: number;
  readonly isLoose: boolean;
  /** What stood before and behind the cursor, cut. */
  readonly before: string;
  readonly after: string;
  /** Of the suggestion; no more lines than that are read. */
  readonly nLines: number;
  /** When the verdict on the suggestion was final; undefined before. */
  readonly endedAtMs: number | undefined;
  /** Index into `survivalAfterS` of the next look. */
  readonly nextLook: number;
  /** What the last look found. */
  readonly seen: string | undefined;
  /** When something larger than a keystroke last changed the place. */
  readonly rewrittenAtMs: number | undefined;
}

const beforeChars = 200;
/** How far around its supposed place a text is looked for, in characters each way. */
const searchChars = 1500;
const maxKeptChars = 4000;
/** A text with fewer letters and digits stands in too many places to be looked for. */
const minTellingChars = 6;

/** Where a suggestion with `text` begins to be shown, at the cursor. */
export function keptPlace(
  suggestion: { readonly id: string; readonly uri: string; readonly offset: number; readonly text: string },
  document: TextView,
): KeptPlace {
  const { id, uri, offset, text } = suggestion;
  return {
    suggestionId: id,
    uri,
    start: offset,
    end: offset,
    isLoose: false,
    before: document.slice(Math.max(0, offset - beforeChars), offset),
    after: document.slice(offset, offset + maxSuffixChars),
    nLines: text.split('\n').length,
    endedAtMs: undefined,
    nextLook: 0,
    seen: undefined,
    rewrittenAtMs: undefined,
  };
}

/** `small` is a change of its document, minimised. */
export function followKept(place: KeptPlace, small: TextChange, atMs: number): KeptPlace {
  const { start, end } = place;
  const { startOffset, endOffset, text } = small;
  const isInsertion = startOffset === endOffset;
  const delta = text.length - (endOffset - startOffset);
  if (isInsertion && text === '') return place;
  if (endOffset < start || (endOffset === start && !isInsertion))
    return { ...place, start: start + delta, end: end + delta };
  if (startOffset > end || (startOffset === end && !isInsertion)) return place;
  const isMoreThanAKey = Math.max(text.length, endOffset - startOffset) > 1;
  const rewrittenAtMs = isMoreThanAKey ? atMs : place.rewrittenAtMs;
  if (startOffset >= start && endOffset <= end) return { ...place, end: end + delta, rewrittenAtMs };
  const [from, to] = [Math.min(start, startOffset), Math.max(end, endOffset) + delta];
  return { ...place, start: from, end: to, isLoose: true, rewrittenAtMs };
}

/**
 * What a developer has now where the suggestion would have gone: the rest of its line, or as many lines as it had, without
 * what stood behind the cursor before. Undefined when nothing is there, or the text around it is not the same any more.
 */
export function readKept(place: KeptPlace, document: TextView): string | undefined {
  const start = findStart(place, document);
  if (start === undefined) return undefined;
  const kept = place.nLines === 1 ? restOfLine(place, document, start) : block(place, document, start);
  const text = kept?.slice(0, maxKeptChars).trimEnd();
  return text === undefined || text.trim() === '' ? undefined : text;
}

function findStart(place: KeptPlace, document: TextView): number | undefined {
  const { before, start, end, isLoose } = place;
  const known = isLoose ? before : before.slice(before.lastIndexOf('\n') + 1);
  if (document.slice(Math.max(0, start - known.length), start) === known) return start;
  if (!isTelling(before)) return undefined;
  const from = Math.max(0, start - before.length - searchChars);
  const part = document.slice(from, end + searchChars);
  let nearest: number | undefined;
  for (let at = part.indexOf(before); at >= 0; at = part.indexOf(before, at + 1)) {
    const found = from + at + before.length;
    if (nearest === undefined || Math.abs(found - start) < Math.abs(nearest - start)) nearest = found;
  }
  return nearest;
}

function restOfLine(place: KeptPlace, document: TextView, start: number): string | undefined {
  const rest = firstLine(document.slice(start, start + maxKeptChars));
  const tail = firstLine(place.after);
  if (isEndKnown(place, document) && start <= place.end && place.end <= start + rest.length)
    return document.slice(start, place.end);
  return rest.endsWith(tail) ? rest.slice(0, rest.length - tail.length) : undefined;
}

function block(place: KeptPlace, document: TextView, start: number): string | undefined {
  const end = isEndKnown(place, document) ? place.end : findEnd(place, document, start);
  if (end === undefined || end < start) return undefined;
  return document.slice(start, end).split('\n').slice(0, place.nLines).join('\n');
}

/** What stood behind the cursor on its line stands behind the place now. */
function isEndKnown({ end, after, isLoose }: KeptPlace, document: TextView): boolean {
  const tail = firstLine(after);
  const behind = document.slice(end, end + tail.length + 1);
  return !isLoose && (tail === '' ? firstLine(behind) === '' : behind.startsWith(tail));
}

const afterChars = 60;

function findEnd({ after, end }: KeptPlace, document: TextView, start: number): number | undefined {
  const sought = after.slice(0, afterChars);
  if (!isTelling(sought)) return undefined;
  const at = document.slice(start, end + searchChars).indexOf(sought);
  return at < 0 ? undefined : start + at;
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? '';
}

function isTelling(text: string): boolean {
  return text.replace(/[^\p{L}\p{N}_]/gu, '').length >= minTellingChars;
}
