/** Between LSP's types and the domain's; nothing of the domain is serialized as it is. */

import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Command, InlineCompletionItem, Range } from 'vscode-languageserver';
import { acceptedCommand } from '../../protocol/messages.ts';

export interface OffsetChange {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly text: string;
}

/** LSP's change of a range, or of the whole document, in UTF-16 offsets of the text before this one change. */
export function toOffsetChange(
  document: TextDocument,
  change: { range?: Range; text: string },
): OffsetChange {
  if (change.range === undefined) {
    return {
      startOffset: 0,
      endOffset: document.offsetAt({ line: document.lineCount, character: 0 }),
      text: change.text,
    };
  }
  const startOffset = document.offsetAt(change.range.start);
  return {
    startOffset,
    endOffset: Math.max(startOffset, document.offsetAt(change.range.end)),
    text: change.text,
  };
}

export interface SuggestionToShow {
  readonly id: string;
  readonly text: string;
  /** Characters after the cursor that the suggestion replaces. */
  readonly replaceLength: number;
}

/** The item's text starts at the cursor; the id travels in the command, since clients drop other data. */
export function toInlineItem(
  document: TextDocument,
  offset: number,
  suggestion: SuggestionToShow,
): InlineCompletionItem {
  const command: Command = { title: 'Idiom', command: acceptedCommand, arguments: [suggestion.id] };
  const range: Range = {
    start: document.positionAt(offset),
    end: document.positionAt(offset + suggestion.replaceLength),
  };
  return { insertText: suggestion.text, range, command };
}
