/** What happens to documents, applied to their text, to the visible suggestion and to text that is followed. Pure. */

import { documentText } from './documentText.ts';
import type { TextView } from './documentText.ts';
import type { TextChange } from './editorEvent.ts';
import { followSuggestion } from './followSuggestion.ts';
import type { TextRange } from './followSuggestion.ts';
import { isWithin } from './isWithin.ts';
import { followAllKept, giveUpKept } from './keptLooks.ts';
import { checkoutWindowMs } from './signalState.ts';
import type { DocumentState, LiveSuggestion, SignalState, Step } from './signalState.ts';
import { end, forgetClosed, then, track } from './steps.ts';
import { clampChange, minimiseChange } from './textChange.ts';
import { trackText } from './trackText.ts';

/** Text that is followed in it since it was closed is compared with what it holds now. */
export function openDocument(state: SignalState, uri: string, text: string, atMs: number): Step {
  const known = state.documents.get(uri);
  const step = known === undefined ? { state, effects: [] } : replaceText(state, uri, known, text, atMs);
  return {
    ...step,
    state: putDocument(step.state, uri, {
      text: documentText(text),
      isOpen: true,
      seenAtMs: atMs,
    }),
  };
}

/** Changes of a document that was never opened are ignored. */
export function changeDocument(
  state: SignalState,
  uri: string,
  changes: readonly TextChange[],
  atMs: number,
): Step {
  let step: Step = { state, effects: [] };
  for (const change of changes) {
    step = then(step, (current) => applyOne(current, uri, change, { atMs, sinceMs: atMs }));
  }
  return step;
}

/** The whole text is another, as after reading a file that something else may have written. */
export function replaceText(
  state: SignalState,
  uri: string,
  known: DocumentState,
  text: string,
  atMs: number,
): Step {
  if (known.text.length === text.length && known.text.whole() === text) return { state, effects: [] };
  const change = { startOffset: 0, endOffset: known.text.length, text };
  return applyOne(state, uri, change, { atMs, sinceMs: known.isOpen ? atMs : known.seenAtMs });
}

export function closeDocument(state: SignalState, uri: string, atMs: number): Step {
  const document = state.documents.get(uri);
  if (document === undefined) return { state, effects: [] };
  const { live } = state;
  const ended = live?.uri === uri ? end(state, live, 'closed', atMs) : { state, effects: [] };
  const looked = then(ended, (current) => giveUpKept(current, uri));
  const closed = putDocument(looked.state, uri, { ...document, isOpen: false, seenAtMs: atMs });
  return { state: forgetClosed(closed), effects: looked.effects };
}

/** A file, or all that lies in a folder. Editors tell it before, between or after closing the old and opening the new. */
export function renameDocuments(state: SignalState, oldUri: string, newUri: string, atMs: number): Step {
  let step: Step = { state, effects: [] };
  for (const uri of state.documents.keys()) {
    if (uri !== oldUri && !uri.startsWith(`${oldUri}/`)) continue;
    const target = newUri + uri.slice(oldUri.length);
    step = then(step, (current) => renameOne(current, uri, target, atMs));
  }
  return step;
}

function renameOne(state: SignalState, uri: string, target: string, atMs: number): Step {
  const document = state.documents.get(uri);
  if (document === undefined || uri === target) return { state, effects: [] };
  const already = state.documents.get(target);
  const documents = new Map(state.documents);
  documents.delete(uri);
  documents.set(target, document);
  const moved: SignalState = {
    ...state,
    documents,
    live: state.live?.uri === uri ? { ...state.live, uri: target } : state.live,
    ending: state.ending.map((each) => (each.uri === uri ? { ...each, uri: target } : each)),
    tracked: state.tracked.map((each) => (each.uri === uri ? { ...each, uri: target } : each)),
    kept: state.kept.map((each) => (each.uri === uri ? { ...each, uri: target } : each)),
  };
  if (already === undefined) return { state: moved, effects: [] };
  const step = replaceText(moved, target, document, already.text.whole(), atMs);
  return { ...step, state: putDocument(step.state, target, already) };
}

interface ChangeTime {
  readonly atMs: number;
  /** When the text before the change was last known to be so. */
  readonly sinceMs: number;
}

function applyOne(state: SignalState, uri: string, raw: TextChange, time: ChangeTime): Step {
  const document = state.documents.get(uri);
  if (document === undefined) return { state, effects: [] };
  const change = clampChange(document.text, raw);
  const isFollowed = [...state.tracked, ...state.kept].some((each) => each.uri === uri);
  const small = isFollowed ? minimiseChange(document.text, change) : change;
  const tracked = state.tracked.map((each) => {
    if (each.uri !== uri) return each;
    const next = trackText(each, small, time.atMs);
    const isRewritten = next.rewrittenAtMs === time.atMs && next !== each;
    return isRewritten && isByCheckout(state, uri, time) ? { ...next, lost: next.lost ?? 'checkout' } : next;
  });
  const kept = followAllKept(state.kept, uri, small, time.atMs, () => isByCheckout(state, uri, time));
  const text = document.text.changed(change);
  const next = putDocument({ ...state, tracked, kept }, uri, { ...document, text });
  const { live } = state;
  return live?.uri === uri
    ? followLive(next, live, document.text, change, time.atMs)
    : { state: next, effects: [] };
}

/** `state` has the text after the change already; `before` is the text before it. */
function followLive(
  state: SignalState,
  live: LiveSuggestion,
  before: TextView,
  change: TextChange,
  atMs: number,
): Step {
  const followed = followSuggestion(live, before, change);
  switch (followed.kind) {
    case 'alive': {
      const next = { ...state, live: followed.live };
      return followed.isPartialAccept ? keepPart(next, followed.live, atMs) : { state: next, effects: [] };
    }
    case 'whole': {
      const range = { start: live.anchor, end: live.anchor + live.text.length };
      const cause = followed.isTyped ? 'typedOut' : 'accepted';
      return end(track(state, live, range, atMs, followed.isTyped), live, cause, atMs, true);
    }
    case 'diverged': {
      const kept = trackDiverged(state, live, followed.inserted, atMs);
      return end(kept, live, 'diverged', atMs, followed.inserted !== undefined);
    }
    case 'rewritten':
      return end(state, live, 'rewritten', atMs);
  }
}

function keepPart(state: SignalState, live: LiveSuggestion, atMs: number): Step {
  const range = { start: live.anchor, end: live.anchor + live.consumed };
  const outcome = {
    suggestionId: live.id,
    kind: 'partiallyAccepted',
    acceptedChars: live.acceptedChars,
    isConfirmed: true,
    shownAtMs: live.shownAtMs ?? live.returnedAtMs,
  } as const;
  const shown = { ...live, shownAtMs: outcome.shownAtMs };
  return {
    state: { ...track(state, live, range, atMs, false), live: shown },
    effects: [{ kind: 'outcome', uri: live.uri, outcome }],
  };
}

/** What came in instead may yet turn out to be the suggestion, changed by the editor as it went in. */
function trackDiverged(
  state: SignalState,
  live: LiveSuggestion,
  inserted: TextRange | undefined,
  atMs: number,
): SignalState {
  if (inserted === undefined || live.acceptedChars > 0) return state;
  return track(state, live, inserted, atMs, true);
}

function isByCheckout(state: SignalState, uri: string, { atMs, sinceMs }: ChangeTime): boolean {
  return state.checkouts.some(
    (each) => each.atMs >= sinceMs - checkoutWindowMs && each.atMs <= atMs && isWithin(each.rootUri, uri),
  );
}

function putDocument(state: SignalState, uri: string, document: DocumentState): SignalState {
  return { ...state, documents: new Map(state.documents).set(uri, document) };
}
