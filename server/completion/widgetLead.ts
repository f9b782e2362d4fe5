/** What the highlighted entry of the suggest widget would still insert: a suggestion has to begin with it to be shown. */

import type { SuggestRequest } from './suggestRequest.ts';

/**
 * The rest of the entry behind the cursor, empty when the widget is closed. Undefined when no text at the cursor could be
 * shown beside the widget: for an entry found by fuzzy or case-insensitive matching, and one that would replace text
 * after the cursor.
 */
export function widgetLead(
  { selectedCompletion: selected, document }: Pick<SuggestRequest, 'selectedCompletion' | 'document'>,
  offset: number,
): string | undefined {
  if (selected === undefined) return '';
  if (selected.start > offset || selected.end > offset) return undefined;
  const typed = document.slice(selected.start, offset);
  return selected.text.startsWith(typed) ? selected.text.slice(typed.length) : undefined;
}
