/** Why there is no suggestion: a closed list, so that each can be counted, logged and explained. */

import type { FilterName } from './filters/runFilters.ts';

export type NoneReason =
  /** The setting `idiom.enabled` is off here. */
  | 'disabled'
  | 'languageDisabled'
  /** The setting `idiom.trigger` is `manual`, and nobody asked explicitly. */
  | 'manualOnly'
  /** The setting `idiom.inComments` is off, the cursor stands in a comment, and nobody asked explicitly. */
  | 'inComment'
  /** The file matches ignore rules; it is never read into a prompt. */
  | 'ignoredFile'
  /** Nothing but blanks before and after the cursor. */
  | 'emptyContext'
  /** The cursor stands within a word and nobody asked explicitly. */
  | 'insideWord'
  /** Much code stands after the cursor on its line and nobody asked explicitly. */
  | 'longSuffixOnLine'
  /** What the suggest widget would insert is not what the suggestion begins with. */
  | 'suggestWidgetDisagrees'
  /** A newer request for the same document took over. */
  | 'superseded'
  /** The client cancelled, or closed. */
  | 'aborted'
  /** The base model is absent, loading or restarting. */
  | 'engineNotReady'
  /** The engine died or failed on this request. */
  | 'engineFailed'
  /** The adapter that was to answer can't be used; the log says why. */
  | 'adapterBroken'
  /** No answer within the time limit. */
  | 'tooSlow'
  /** An earlier suggestion was typed out, and nothing more belongs on this line. */
  | 'lineComplete'
  /** The base model wrote nothing. */
  | 'emptyOutput'
  | `filtered:${FilterName}`
  /** A fault of Idiom itself; the log has it. */
  | 'internal';
