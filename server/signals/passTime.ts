/** What happens by the passing of time: becoming visible, growing old, final verdicts, samples of survival. Pure. */

import { survivalAfterS } from '../store/survivals.ts';
import { documentText } from './documentText.ts';
import type { FileContent } from './editorEvent.ts';
import { replaceText } from './followDocuments.ts';
import { keptDues } from './keptLooks.ts';
import { graceMs, maxLateMs, maxLifeMs, minVisibleMs } from './signalState.ts';
import type { LiveSuggestion, SignalEffect, SignalState, Step, TrackedText } from './signalState.ts';
import { end, finish, forgetClosed, missingSamples, survivalEffect, then } from './steps.ts';
import { similarityNow } from './trackText.ts';

/** When something happens next without any event, or undefined when nothing will. */
export function nextDueMs(state: SignalState): number | undefined {
  const dueMs = dues(state).map((due) => due.atMs);
  return dueMs.length === 0 ? undefined : Math.min(...dueMs);
}

/** Lets everything happen that is due up to and including `atMs`, in order of its time. */
export function advanceTo(state: SignalState, atMs: number): Step {
  let step: Step = { state, effects: [] };
  for (;;) {
    const due = dues(step.state)
      .filter((each) => each.atMs <= atMs)
      .sort((a, b) => a.atMs - b.atMs)
      .at(0);
    if (due === undefined) return step;
    step = then(step, (current) => due.happen(current, atMs));
  }
}

/** The text of a closed file came, or a reason why not: its samples that wait are taken. */
export function takeFile(state: SignalState, uri: string, content: FileContent, atMs: number): Step {
  const document = state.documents.get(uri);
  let step: Step = { state, effects: [] };
  if (document !== undefined && !document.isOpen && 'text' in content) {
    step = replaceText(state, uri, document, content.text, atMs);
    const documents = new Map(step.state.documents);
    documents.set(uri, { text: documentText(content.text), isOpen: false, seenAtMs: atMs });
    step = { ...step, state: { ...step.state, documents } };
  }
  const isGone = 'problem' in content && document?.isOpen !== true;
  for (const each of step.state.tracked.filter((item) => item.uri === uri && item.isReading)) {
    const lost = isGone ? content.problem : undefined;
    step = then(step, (current) => takeSample(current, { ...each, lost: each.lost ?? lost }, each));
  }
  return step;
}

interface Due {
  readonly atMs: number;
  readonly happen: (state: SignalState, nowMs: number) => Step;
}

function dues(state: SignalState): Due[] {
  const all: Due[] = state.ending.map((each) => ({
    atMs: each.dueMs,
    happen: (current) => finish(current, each),
  }));
  all.push(...keptDues(state));
  if (state.live !== undefined) all.push(...duesOf(state.live));
  for (const each of state.tracked) {
    const afterS = survivalAfterS[each.nextSample];
    if (afterS === undefined || each.isReading || each.isTentative) continue;
    const atMs = each.acceptedAtMs + afterS * 1000;
    all.push({ atMs, happen: (current, nowMs) => sample(current, each, atMs, nowMs) });
  }
  return all;
}

function duesOf(live: LiveSuggestion): Due[] {
  const all: Due[] = [];
  const visibleMs = live.returnedAtMs + minVisibleMs;
  if (live.shownAtMs === undefined) {
    all.push({ atMs: visibleMs, happen: (state) => show(state, { ...live, shownAtMs: visibleMs }) });
  }
  if (live.acceptReportedAtMs !== undefined) {
    const atMs = live.acceptReportedAtMs + graceMs;
    all.push({ atMs, happen: (state) => end(state, live, 'accepted', atMs) });
  }
  const oldMs = live.returnedAtMs + maxLifeMs;
  all.push({ atMs: oldMs, happen: (state) => end(state, live, 'tooOld', oldMs) });
  return all;
}

function show(state: SignalState, live: LiveSuggestion): Step {
  const outcome = {
    suggestionId: live.id,
    kind: live.acceptedChars > 0 ? 'partiallyAccepted' : 'shown',
    acceptedChars: live.acceptedChars,
    isConfirmed: live.acceptedChars > 0,
    shownAtMs: live.shownAtMs,
  } as const;
  return { state: { ...state, live }, effects: [{ kind: 'outcome', uri: live.uri, outcome }] };
}

function sample(state: SignalState, tracked: TrackedText, dueMs: number, nowMs: number): Step {
  const document = state.documents.get(tracked.uri);
  if (document?.isOpen !== false || tracked.lost !== undefined) {
    return takeSample(state, tracked, tracked);
  }
  if (nowMs - dueMs > maxLateMs) return putSample(state, tracked, { unknown: 'late' });
  const reading = { ...tracked, isReading: true };
  return {
    state: replaceTracked(state, tracked, reading),
    effects: [{ kind: 'readFile', uri: tracked.uri }],
  };
}

function takeSample(state: SignalState, tracked: TrackedText, stored: TrackedText): Step {
  const known = replaceTracked(state, stored, tracked);
  if (tracked.lost === 'checkout' || tracked.lost === 'fileGone') {
    const effects = missingSamples(tracked, tracked.lost);
    return { state: forget(known, tracked), effects };
  }
  if (tracked.lost !== undefined) return putSample(known, tracked, { unknown: tracked.lost });
  const document = known.documents.get(tracked.uri);
  if (document === undefined) return putSample(known, tracked, { unknown: 'notTracked' });
  return putSample(known, tracked, { similarity: similarityNow(tracked, document.text) });
}

function putSample(
  state: SignalState,
  tracked: TrackedText,
  value: Parameters<typeof survivalEffect>[3],
): Step {
  const { suggestionId, uri, nextSample } = tracked;
  const effects: SignalEffect[] = [survivalEffect(suggestionId, uri, nextSample, value)];
  const next = { ...tracked, nextSample: nextSample + 1, isReading: false, lost: undefined };
  const isDone = next.nextSample >= survivalAfterS.length;
  return { state: isDone ? forget(state, tracked) : replaceTracked(state, tracked, next), effects };
}

function replaceTracked(state: SignalState, old: TrackedText, next: TrackedText): SignalState {
  return { ...state, tracked: state.tracked.map((each) => (each === old ? next : each)) };
}

/** All its samples are told. A suggestion that has not ended yet may go on; that it was followed is remembered then. */
function forget(state: SignalState, tracked: TrackedText): SignalState {
  const id = tracked.suggestionId;
  const isOpen = state.live?.id === id || state.ending.some(({ outcome }) => outcome.suggestionId === id);
  if (isOpen) {
    const done = { ...tracked, nextSample: survivalAfterS.length, isReading: false, lost: undefined };
    return replaceTracked(state, tracked, done);
  }
  return forgetClosed({ ...state, tracked: state.tracked.filter((each) => each !== tracked) });
}
