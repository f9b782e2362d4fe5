/** Compares a suggestion with the highlighted entry of the suggest widget; the two must insert the same beginning. */

import type { SuggestRequest } from './suggestRequest.ts';

/**
 * Whether the editor can show `text` at the cursor while the widget is open: what the widget would still insert must be
 * the beginning of it. An entry found by fuzzy or case-insensitive matching, or one that would replace text after the
 * cursor, never agrees, as no insertion at the cursor can look like it.
 */
export function agreesWithWidget(
  request: Pick<SuggestRequest, 'selectedCompletion' | 'document'>,
  offset: number,
  text: string,
): boolean {
  const selected = request.selectedCompletion;
  if (selected === undefined) return true;
  if (selected.start > offset || selected.end > offset) return false;
  const typed = request.document.slice(selected.start, offset);
  if (!selected.text.startsWith(typed)) return false;
  return text.startsWith(selected.text.slice(typed.length));
}
