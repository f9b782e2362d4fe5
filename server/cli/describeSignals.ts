/** Recorded suggestions as lines for a terminal and as JSON. */

import type { SignalRecord, SignalTotals } from '../store/signalRecords.ts';
import type { StoredOutcome } from '../store/outcomes.ts';
import type { StoredSurvival } from '../store/survivals.ts';

const maxTextChars = 50;

/** One line: time, outcome, file, first line of the text, survival, thumbs, id. */
export function describeSignal({ suggestion, outcome, survivals, thumbs }: SignalRecord): string {
  const at = new Date(suggestion.atMs).toISOString().slice(0, 16).replace('T', ' ');
  const text = JSON.stringify(cut(suggestion.text));
  const samples = survivals.map(describeSurvival).join(' ');
  const word = thumbs === undefined ? '' : `thumbs ${thumbs}`;
  const parts = [
    at,
    describeOutcome(outcome).padEnd(24),
    suggestion.path,
    text,
    samples,
    word,
    suggestion.id,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** Several lines. */
export function describeTotals(totals: SignalTotals): string[] {
  if (totals.returned === 0) return ['Nothing is recorded that matches.'];
  const { returned, shown, accepted, partiallyAccepted, typedOut, ignored } = totals;
  const retained = totals.retainedCharsPerShown;
  return [
    `${returned} returned, ${shown} shown: ${accepted} accepted, ${partiallyAccepted} in part, ` +
      `${typedOut} typed out, ${totals.rejectedExplicitly} rejected, ` +
      `${totals.rejectedImplicitly} passed over, ${ignored} ignored.`,
    `${totals.acceptedChars} characters accepted; ` +
      (retained === undefined
        ? 'how many of them stayed is not known yet.'
        : `${retained.toFixed(1)} accepted and retained per suggestion shown.`),
  ];
}

export function toSignalJson({ suggestion, outcome, survivals, thumbs }: SignalRecord): object {
  const { suggestionId: _same, ...rest } = outcome;
  return {
    ...suggestion,
    outcome: rest,
    survivals: survivals.map(({ afterS, value }) => ({ afterS, ...value })),
    thumbs,
  };
}

function describeOutcome({ kind, isExplicit, acceptedChars }: StoredOutcome): string {
  if (kind === 'rejected') return isExplicit === true ? 'rejected' : 'passed over';
  return acceptedChars > 0 ? `${kind} ${acceptedChars}` : kind;
}

function describeSurvival({ afterS, value }: StoredSurvival): string {
  return `${afterS}s:${'unknown' in value ? value.unknown : `${Math.round(value.similarity * 100)}%`}`;
}

function cut(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > maxTextChars || line.length < text.trim().length
    ? `${line.slice(0, maxTextChars)}...`
    : line;
}
