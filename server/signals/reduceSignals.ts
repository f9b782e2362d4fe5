/** The inference of outcomes: (state, event) -> (state, effects). Pure; the recorder carries the effects out. */

import { maxPrefixChars, maxSuffixChars } from '../store/suggestions.ts';
import type { EditorEvent, ReportedEvent, SuggestedText } from './editorEvent.ts';
import { changeDocument, closeDocument, openDocument, renameDocuments } from './followDocuments.ts';
import { overrule } from './endSuggestion.ts';
import { advanceTo, takeFile } from './passTime.ts';
import { checkoutWindowMs, maxLifeMs, nRemembered } from './signalState.ts';
import type { LiveSuggestion, SignalState, Step } from './signalState.ts';
import { isWithin } from './isWithin.ts';
import { beginKept } from './keptLooks.ts';
import { end, finish, finishAll, then } from './steps.ts';
import { withLineEndsOf } from './textChange.ts';

/** Beyond what is kept, so that a key which begins or ends there is known as one. */
const marginChars = 4000;

/** What is due until the event's time happens first, then the event itself. */
export function reduceSignals(state: SignalState, event: EditorEvent): Step {
  const before = advanceTo(state, event.atMs);
  return then(before, (current) => reduce(current, event));
}

function reduce(state: SignalState, event: EditorEvent): Step {
  switch (event.kind) {
    case 'opened':
      return openDocument(state, event.uri, event.text, event.atMs);
    case 'changed':
      return changeDocument(state, event.uri, event.changes, event.atMs);
    case 'closed':
      return closeDocument(state, event.uri, event.atMs);
    case 'renamed':
      return renameDocuments(state, event.oldUri, event.newUri, event.atMs);
    case 'returned':
      return startSuggestion(state, event.suggestion, event.atMs);
    case 'requested':
      return leaveUnlessAt(state, event.uri, event.offset, event.atMs);
    case 'reported':
      return takeReport(state, event.suggestionId, event.event, event.atMs);
    case 'checkout':
      return noteCheckout(state, event.rootUri, event.atMs);
    case 'fileRead':
      return takeFile(state, event.uri, event.content, event.atMs);
    case 'ended':
      return finishAll(state, event.atMs);
    case 'saved':
    case 'tick':
      return { state, effects: [] };
  }
}

function startSuggestion(state: SignalState, suggestion: SuggestedText, atMs: number): Step {
  if (isKnown(state, suggestion.id)) return { state, effects: [] };
  const { live } = state;
  const isHere = live !== undefined && isCursorOf(live, suggestion.uri, suggestion.offset);
  const document = state.documents.get(suggestion.uri);
  const text = withLineEndsOf(document?.text ?? '', suggestion.text);
  if (isHere && text === live.text.slice(live.consumed)) return goOn(state, live, suggestion);
  const cause = isHere ? 'superseded' : 'left';
  const ended = live === undefined ? { state, effects: [] } : end(state, live, cause, atMs);
  if (text === '') return ended;
  return then(ended, (current) => ({
    state: {
      ...(document === undefined ? current : beginKept(current, suggestion, document.text)),
      live: toLive(suggestion, text, atMs),
    },
    effects: [
      {
        kind: 'begun',
        suggestionId: suggestion.id,
        prefix:
          document?.text.slice(
            Math.max(0, suggestion.offset - maxPrefixChars - marginChars),
            suggestion.offset,
          ) ?? '',
        suffix:
          document?.text.slice(suggestion.offset, suggestion.offset + maxSuffixChars + marginChars) ?? '',
      },
    ],
  }));
}

/** The rest of what is visible was returned anew, as after each key typed along: it is no other suggestion. */
function goOn(state: SignalState, live: LiveSuggestion, suggestion: SuggestedText): Step {
  const aliases = new Map([...state.aliases, [suggestion.id, live.id] as const].slice(-nRemembered));
  const next = { ...live, replaceLength: suggestion.replaceLength, nAutoClosed: 0 };
  return { state: { ...state, aliases, live: next }, effects: [] };
}

function toLive(suggestion: SuggestedText, text: string, atMs: number): LiveSuggestion {
  return {
    id: suggestion.id,
    uri: suggestion.uri,
    text,
    replaceLength: suggestion.replaceLength,
    returnedAtMs: atMs,
    shownAtMs: undefined,
    anchor: suggestion.offset,
    consumed: 0,
    nAutoClosed: 0,
    acceptedParts: [],
    acceptedChars: 0,
    acceptReportedAtMs: undefined,
  };
}

function leaveUnlessAt(state: SignalState, uri: string, offset: number, atMs: number): Step {
  const { live } = state;
  if (live === undefined || isCursorOf(live, uri, offset)) return { state, effects: [] };
  return end(state, live, 'left', atMs);
}

function takeReport(state: SignalState, reportedId: string, event: ReportedEvent, atMs: number): Step {
  const id = state.aliases.get(reportedId) ?? reportedId;
  const { live } = state;
  if (live?.id === id) {
    if (event !== 'accepted') return end(state, live, event, atMs);
    const acceptReportedAtMs = live.acceptReportedAtMs ?? atMs;
    return { state: { ...state, live: { ...live, acceptReportedAtMs } }, effects: [] };
  }
  const ending = state.ending.find(({ outcome }) => outcome.suggestionId === id);
  if (ending === undefined) return { state, effects: [] };
  const next = overrule(ending, event, atMs);
  if (next.outcome.kind === 'accepted') return finish(state, next);
  return {
    state: { ...state, ending: state.ending.map((each) => (each === ending ? next : each)) },
    effects: [],
  };
}

function noteCheckout(state: SignalState, rootUri: string, atMs: number): Step {
  const checkouts = [...state.checkouts, { rootUri, atMs }].filter((each) => each.atMs >= atMs - maxLifeMs);
  const isByIt = ({ uri, rewrittenAtMs }: { uri: string; rewrittenAtMs: number | undefined }) =>
    isWithin(rootUri, uri) && rewrittenAtMs !== undefined && atMs - rewrittenAtMs <= checkoutWindowMs;
  const tracked = state.tracked.map((each) =>
    isByIt(each) ? { ...each, lost: each.lost ?? ('checkout' as const) } : each,
  );
  const kept = state.kept.filter((each) => !isByIt(each));
  return { state: { ...state, checkouts: checkouts.slice(-nRemembered), tracked, kept }, effects: [] };
}

function isCursorOf(live: LiveSuggestion, uri: string, offset: number): boolean {
  return live.uri === uri && live.anchor + live.consumed === offset;
}

function isKnown(state: SignalState, id: string): boolean {
  return (
    state.live?.id === id ||
    state.aliases.has(id) ||
    state.finished.has(id) ||
    state.ending.some(({ outcome }) => outcome.suggestionId === id)
  );
}
