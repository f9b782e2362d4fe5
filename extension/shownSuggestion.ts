/**
 * Which suggestion the user is probably looking at, followed through typing, from events alone. VS Code's stable interface
 * tells neither what is shown nor what is dismissed. Pure; outcomeTracker.ts feeds it.
 */

export interface ShownSuggestion {
  readonly uri: string;
  /** Offset of the cursor in the document, in UTF-16 units. */
  readonly offset: number;
  readonly items: readonly ShownItem[];
}
export interface ShownItem {
  readonly id: string;
  /** What is still to come after the cursor. */
  readonly rest: string;
}

export interface TextChange {
  readonly offset: number;
  readonly removedLength: number;
  readonly text: string;
}

/**
 * The suggestion after the document changed: shortened where the change typed it along, undefined where it did not fit
 * any more. An item that was typed or accepted to its end stays, with nothing to come.
 */
export function followChange(
  shown: ShownSuggestion,
  changes: readonly TextChange[],
): ShownSuggestion | undefined {
  const [change, ...others] = changes;
  if (change === undefined) return shown;
  if (others.length > 0 || change.removedLength > 0 || change.offset !== shown.offset) return undefined;
  const items = shown.items
    .filter((item) => item.rest.startsWith(change.text))
    .map((item) => ({ ...item, rest: item.rest.slice(change.text.length) }));
  if (items.length === 0) return undefined;
  return { ...shown, offset: shown.offset + change.text.length, items };
}

/** Whether a cursor there still has the suggestion in front of it. */
export function isAt(shown: ShownSuggestion, uri: string, offset: number): boolean {
  return shown.uri === uri && shown.offset === offset;
}
