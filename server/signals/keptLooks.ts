/** When the places of suggestions are looked at, and when they are given up: steps of the inference. Pure. */

import { survivalAfterS } from '../store/survivals.ts';
import type { StoredOutcome } from '../store/outcomes.ts';
import type { SuggestedText, TextChange } from './editorEvent.ts';
import type { TextView } from './documentText.ts';
import { followKept, keptPlace, readKept } from './keptPlace.ts';
import type { KeptPlace } from './keptPlace.ts';
import type { SignalEffect, SignalState, Step } from './signalState.ts';

/** More than a fast typist makes in ten minutes of suggestions that are seen; the oldest go first. */
const maxPlaces = 300;

export function beginKept(state: SignalState, suggestion: SuggestedText, document: TextView): SignalState {
  return { ...state, kept: [...state.kept, keptPlace(suggestion, document)].slice(-maxPlaces) };
}

/** `isLost` tells whether a place with that rewriting is one that git made. */
export function followAllKept(
  kept: readonly KeptPlace[],
  uri: string,
  small: TextChange,
  atMs: number,
  isLost: (place: KeptPlace) => boolean,
): readonly KeptPlace[] {
  return kept.flatMap((each) => {
    if (each.uri !== uri) return [each];
    const next = followKept(each, small, atMs);
    return next !== each && next.rewrittenAtMs === atMs && isLost(next) ? [] : [next];
  });
}

/** The verdict is final: looks begin, unless nobody saw the suggestion. */
export function settleKept(state: SignalState, { suggestionId, ...outcome }: StoredOutcome): SignalState {
  const isUnseen = outcome.kind === 'ignored' && outcome.shownAtMs === undefined;
  const kept = state.kept.flatMap((each) => {
    if (each.suggestionId !== suggestionId) return [each];
    return isUnseen ? [] : [{ ...each, endedAtMs: outcome.endedAtMs }];
  });
  return { ...state, kept };
}

export interface KeptDue {
  readonly atMs: number;
  readonly happen: (state: SignalState) => Step;
}

export function keptDues(state: SignalState): KeptDue[] {
  return state.kept.flatMap((each) => {
    const afterS = survivalAfterS[each.nextLook];
    if (each.endedAtMs === undefined || afterS === undefined) return [];
    return [{ atMs: each.endedAtMs + afterS * 1000, happen: (current) => look(current, each) }];
  });
}

/** The last look at all places of a document, or of all documents: nothing more will be known of them. */
export function giveUpKept(state: SignalState, uri?: string): Step {
  const isConcerned = (each: KeptPlace) => uri === undefined || each.uri === uri;
  const effects = state.kept.filter(isConcerned).flatMap((each) => effectsOf(each, seenAt(state, each)));
  return { state: { ...state, kept: state.kept.filter((each) => !isConcerned(each)) }, effects };
}

function look(state: SignalState, place: KeptPlace): Step {
  const seen = seenAt(state, place);
  const next = { ...place, seen, nextLook: place.nextLook + 1 };
  const isDone = next.nextLook >= survivalAfterS.length;
  const kept = state.kept.flatMap((each) => (each === place ? (isDone ? [] : [next]) : [each]));
  return { state: { ...state, kept }, effects: effectsOf(place, seen) };
}

function seenAt(state: SignalState, place: KeptPlace): string | undefined {
  const document = state.documents.get(place.uri);
  return document === undefined ? place.seen : readKept(place, document.text);
}

function effectsOf({ suggestionId, uri, seen }: KeptPlace, text: string | undefined): SignalEffect[] {
  return text === seen ? [] : [{ kind: 'kept', uri, suggestionId, text }];
}
