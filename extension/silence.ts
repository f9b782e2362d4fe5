/** Why the last request brought no suggestion, in words for a person, and what helps. Pure. */

import type { StatusAction } from './statusText.ts';

export interface Silence {
  /** A sentence. */
  readonly reason: string;
  /** A sentence; absent where nothing needs to be done. */
  readonly remedy?: string;
  /** The entry of the status menu that does it. */
  readonly action?: StatusAction;
}

/** Reasons of the daemon (`none` of `idiom/returned`) that say nothing about the place: a newer request took over. */
const passing: ReadonlySet<string> = new Set(['superseded', 'aborted', 'positionOutsideDocument']);

const silences: Readonly<Record<string, Silence>> = {
  disabled: { reason: 'suggestions are off here.', action: 'toggleSuggestions' },
  languageDisabled: {
    reason: 'suggestions are off for this language.',
    remedy: 'Toggle Suggestions turns them on.',
    action: 'toggleSuggestions',
  },
  ignoredFile: {
    reason: 'this file is ignored.',
    remedy:
      'A rule in .gitignore, .idiomignore or the Ignore setting names it, or it is a kind of file that holds secrets.',
    action: 'settings',
  },
  fileTooLarge: {
    reason: 'this file is too large.',
    remedy: 'Suggestions come in smaller files.',
  },
  manualOnly: { reason: 'suggestions come only when you ask for one.', remedy: 'Run Trigger Suggestion.' },
  inComment: {
    reason: 'suggestions in comments are off.',
    remedy: 'The setting In Comments turns them on.',
    action: 'settings',
  },
  emptyContext: { reason: 'the file is empty.', remedy: 'Type a few characters.' },
  insideWord: {
    reason: 'the cursor is inside a word.',
    remedy: 'Trigger Suggestion asks all the same.',
  },
  longSuffixOnLine: {
    reason: 'there is much code after the cursor on this line.',
    remedy: 'Trigger Suggestion asks all the same.',
  },
  suggestWidgetDisagrees: {
    reason: "the selected entry of the completion list differs from Idiom's suggestion.",
    remedy: 'Select another entry, or press Escape to close the list.',
  },
  engineNotReady: { reason: 'the model was not ready yet.', remedy: 'It comes with the next pause.' },
  engineFailed: {
    reason: 'the model failed on this request.',
    remedy: 'The log has the details.',
    action: 'showLog',
  },
  adapterBroken: {
    reason: "the adapter can't be used with this model.",
    remedy: 'Roll back to an earlier version, or train again; the log has the details.',
    action: 'showLog',
  },
  tooSlow: {
    reason: 'the model needed too long.',
    remedy: 'A smaller model or a shorter prompt (Max Prompt Tokens) is faster.',
    action: 'useAnother',
  },
  lineComplete: { reason: 'nothing more is expected on this line.' },
  emptyOutput: { reason: 'the model had nothing to add here.' },
  internal: {
    reason: 'Idiom failed on this request.',
    remedy: 'The log has the details.',
    action: 'showLog',
  },
};

const filtered: Silence = { reason: "the model's text did not fit here." };

/** Undefined for reasons that pass by themselves. An unknown one, of a newer daemon, is told as it is. */
export function silenceOf(none: string): Silence | undefined {
  if (passing.has(none)) return undefined;
  if (none.startsWith('filtered:')) return filtered;
  return silences[none] ?? { reason: `${none}.` };
}

/** So many requests in a row without an answer in time make an offer worth a notification. */
const slowInARow = 3;

/** Counts requests that took too long; a suggestion begins the count anew, what says nothing about pace does not. */
export class SlownessCount {
  #n = 0;

  /** `none`: of `idiom/returned`, undefined for a suggestion. True once, when the offer is due. */
  add(none: string | undefined): boolean {
    if (none === 'tooSlow') return ++this.#n === slowInARow;
    if (none === undefined || none === 'emptyOutput' || none.startsWith('filtered:')) this.#n = 0;
    return false;
  }
}
