/** The verdict on a suggestion that ends: a table of causes, and what reports do to a verdict that still waits. Pure. */

import type { StoredOutcome } from '../store/outcomes.ts';
import type { ReportedEvent } from './editorEvent.ts';
import { graceMs, minVisibleMs } from './signalState.ts';
import type { EndingSuggestion, LiveSuggestion } from './signalState.ts';

/**
 * accepted: all of it was put in at once. typedOut: the user typed the last of it. rejected, hidden: as reported.
 * diverged: something else was typed there. left: the cursor went elsewhere. superseded: another suggestion took its
 * place. rewritten: a formatter or the like replaced the text around it. tooOld, closed, editorClosed: nobody decided.
 */
export type EndCause =
  | 'accepted'
  | 'typedOut'
  | 'rejected'
  | 'hidden'
  | 'diverged'
  | 'left'
  | 'superseded'
  | 'rewritten'
  | 'tooOld'
  | 'closed'
  | 'editorClosed';

export interface End {
  readonly cause: EndCause;
  readonly atMs: number;
  /** The document was seen to change so; for `accepted`. */
  readonly isChangeSeen: boolean;
}

/** Causes that say that the user did not want it, if it could be seen. */
const refusals: ReadonlySet<EndCause> = new Set(['hidden', 'diverged', 'left']);

/** The outcome as far as is known now; it stands after `dueMs` unless a report overrules it. */
export function endSuggestion(live: LiveSuggestion, { cause, atMs, isChangeSeen }: End): EndingSuggestion {
  const missing = live.text.length - countTyped(live);
  const common = { suggestionId: live.id, endedAtMs: atMs, endReason: cause };
  const verdict = judge(live, cause, atMs);
  const isAccepted = verdict.kind === 'accepted';
  const isDecisive =
    isAccepted || verdict.kind === 'typedOut' || cause === 'rejected' || live.acceptedChars > 0;
  const outcome: StoredOutcome = {
    ...common,
    ...verdict,
    acceptedChars: isAccepted ? Math.max(live.acceptedChars, missing) : live.acceptedChars,
    isConfirmed: isAccepted ? isChangeSeen : live.acceptedChars > 0,
    shownAtMs: shownSince(live, atMs) ?? (isDecisive ? live.returnedAtMs : undefined),
  };
  const isCertain = isAccepted || cause === 'editorClosed';
  return {
    outcome,
    uri: live.uri,
    charsIfAccepted: Math.max(live.acceptedChars, missing),
    isChangeSeen,
    dueMs: isCertain ? atMs : atMs + graceMs,
  };
}

/** Of a verdict that waits, what is left of it when the editor reports something. */
export function overrule(ending: EndingSuggestion, event: ReportedEvent, atMs: number): EndingSuggestion {
  const { outcome } = ending;
  if (event === 'accepted' && outcome.kind !== 'accepted') {
    const accepted = {
      ...outcome,
      kind: 'accepted',
      isExplicit: undefined,
      acceptedChars: ending.charsIfAccepted,
      isConfirmed: ending.isChangeSeen,
      shownAtMs: outcome.shownAtMs ?? outcome.endedAtMs,
      endReason: 'accepted',
    } as const;
    return { ...ending, outcome: accepted, dueMs: atMs };
  }
  if (event === 'rejected' && (outcome.kind === 'ignored' || outcome.kind === 'rejected')) {
    const rejected = { ...outcome, kind: 'rejected', isExplicit: true, endReason: 'rejected' } as const;
    return { ...ending, outcome: { ...rejected, shownAtMs: outcome.shownAtMs ?? outcome.endedAtMs } };
  }
  return ending;
}

/** When it is believed to have become visible, if it was there long enough. */
export function shownSince(live: LiveSuggestion, atMs: number): number | undefined {
  if (live.shownAtMs !== undefined) return live.shownAtMs;
  return atMs - live.returnedAtMs >= minVisibleMs ? live.returnedAtMs + minVisibleMs : undefined;
}

function judge(
  live: LiveSuggestion,
  cause: EndCause,
  atMs: number,
): Pick<StoredOutcome, 'kind' | 'isExplicit'> {
  if (cause === 'accepted') return { kind: 'accepted' };
  if (live.acceptedChars > 0) return { kind: 'partiallyAccepted' };
  if (cause === 'typedOut') return { kind: 'typedOut' };
  if (cause === 'rejected') return { kind: 'rejected', isExplicit: true };
  const isRefused = refusals.has(cause) && shownSince(live, atMs) !== undefined;
  return isRefused ? { kind: 'rejected', isExplicit: false } : { kind: 'ignored' };
}

/** Characters of it that the user typed; the others went in, or may go in, by accepting. */
function countTyped(live: LiveSuggestion): number {
  const accepted = live.acceptedParts.reduce((sum, [from, to]) => sum + to - from, 0);
  return live.consumed - accepted;
}
