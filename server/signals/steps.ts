/** How steps of the inference are put together, and the ways in which a suggestion leaves the state. Pure. */

import { survivalAfterS } from '../store/survivals.ts';
import type { SurvivalUnknown, SurvivalValue } from '../store/survivals.ts';
import { endSuggestion } from './endSuggestion.ts';
import type { EndCause } from './endSuggestion.ts';
import type { TextRange } from './followSuggestion.ts';
import { giveUpKept, settleKept } from './keptLooks.ts';
import { nRemembered } from './signalState.ts';
import type {
  EndingSuggestion,
  LiveSuggestion,
  SignalEffect,
  SignalState,
  Step,
  TrackedText,
} from './signalState.ts';

/** The next step on the state that the one before left; effects in order. */
export function then(step: Step, next: (state: SignalState) => Step): Step {
  const after = next(step.state);
  return { state: after.state, effects: [...step.effects, ...after.effects] };
}

/**
 * Ends the live suggestion: it waits for reports, or is finished at once when its verdict is certain.
 * One that the editor said to be accepted is accepted, whatever else it seems.
 */
export function end(
  state: SignalState,
  live: LiveSuggestion,
  cause: EndCause,
  atMs: number,
  isChangeSeen = false,
): Step {
  const actual = live.acceptReportedAtMs === undefined ? cause : 'accepted';
  const ending = endSuggestion(live, { cause: actual, atMs, isChangeSeen });
  const next = { ...state, live: undefined };
  if (ending.dueMs <= atMs) return finish(next, ending);
  return { state: { ...next, ending: [...next.ending, ending] }, effects: [] };
}

/** Makes the verdict final: its text is followed from now on if it is in the document, else forgotten. */
export function finish(state: SignalState, ending: EndingSuggestion): Step {
  const { outcome, uri } = ending;
  const id = outcome.suggestionId;
  const effects: SignalEffect[] = [{ kind: 'outcome', uri, outcome }];
  const isKept =
    outcome.kind === 'accepted' || outcome.kind === 'typedOut' || outcome.kind === 'partiallyAccepted';
  const own = state.tracked.find((each) => each.suggestionId === id);
  if (isKept && own === undefined) {
    const unknown = state.documents.has(uri) ? 'unconfirmed' : 'notTracked';
    effects.push(...survivalAfterS.map((_, i) => survivalEffect(id, uri, i, { unknown })));
  }
  const others = state.tracked.filter((each) => each !== own);
  const goesOn = isKept && own !== undefined && own.nextSample < survivalAfterS.length;
  const tracked = goesOn ? [...others, { ...own, isTentative: false }] : others;
  const next = {
    ...state,
    ending: state.ending.filter((each) => each.outcome.suggestionId !== id),
    tracked,
    finished: new Set([...state.finished, id].slice(-nRemembered)),
  };
  return { state: forgetClosed(settleKept(next, outcome)), effects };
}

/** The editor is gone: verdicts become final, and samples that are still due will never be known. */
export function finishAll(state: SignalState, atMs: number): Step {
  const { live } = state;
  let step: Step = live === undefined ? { state, effects: [] } : end(state, live, 'editorClosed', atMs);
  for (const ending of step.state.ending) step = then(step, (current) => finish(current, ending));
  step = then(step, (current) => giveUpKept(current));
  const effects = step.state.tracked.flatMap((each) => missingSamples(each, 'editorClosed'));
  return {
    state: { ...step.state, documents: new Map(), tracked: [] },
    effects: [...step.effects, ...effects],
  };
}

/** Begins to follow text at `range`, or goes on with a longer text of the same suggestion. */
export function track(
  state: SignalState,
  suggestion: { readonly id: string; readonly uri: string },
  range: TextRange,
  atMs: number,
  isTentative: boolean,
): SignalState {
  const document = state.documents.get(suggestion.uri);
  if (document === undefined) return state;
  const earlier = state.tracked.find((each) => each.suggestionId === suggestion.id);
  const tracked: TrackedText = {
    suggestionId: suggestion.id,
    uri: suggestion.uri,
    text: document.text.slice(range.start, range.end),
    start: range.start,
    end: range.end,
    isLoose: false,
    hint: range.start,
    acceptedAtMs: earlier?.acceptedAtMs ?? atMs,
    nextSample: earlier?.nextSample ?? 0,
    isReading: false,
    rewrittenAtMs: undefined,
    lost: undefined,
    isTentative,
  };
  return { ...state, tracked: [...state.tracked.filter((each) => each !== earlier), tracked] };
}

export function survivalEffect(
  suggestionId: string,
  uri: string,
  sampleIdx: number,
  value: SurvivalValue,
): SignalEffect {
  const afterS = survivalAfterS[sampleIdx] ?? survivalAfterS[0];
  return { kind: 'survival', uri, survival: { suggestionId, afterS, value } };
}

export function missingSamples(tracked: TrackedText, unknown: SurvivalUnknown): SignalEffect[] {
  const { suggestionId, uri, nextSample } = tracked;
  return survivalAfterS
    .slice(nextSample)
    .map((_, i) => survivalEffect(suggestionId, uri, nextSample + i, { unknown }));
}

/** Drops closed documents in which nothing is followed. */
export function forgetClosed(state: SignalState): SignalState {
  const isNeeded = (uri: string) => state.tracked.some((each) => each.uri === uri);
  const documents = [...state.documents].filter(([uri, document]) => document.isOpen || isNeeded(uri));
  return documents.length === state.documents.size ? state : { ...state, documents: new Map(documents) };
}
