/** Tells the daemon what only the editor sees of a suggestion: accepted, dismissed with Escape, left by the cursor. */

import { commands, Disposable, window, workspace } from 'vscode';
import type { InlineCompletionItem, Position, TextDocument, TextDocumentChangeEvent } from 'vscode';
import { acceptedCommand } from '../protocol/messages.ts';
import type { OutcomeParams } from '../protocol/messages.ts';
import { followChange, isAt } from './shownSuggestion.ts';
import type { ShownItem, ShownSuggestion } from './shownSuggestion.ts';

/** True while one of our suggestions may be on screen; the Escape key binding depends on it. */
export const shownContextKey = 'idiom.suggestionShown';

export class OutcomeTracker {
  readonly #send: (outcome: OutcomeParams) => void;
  readonly #subscriptions: Disposable;
  #shown: ShownSuggestion | undefined;
  #newest: ShownItem | undefined;

  constructor(send: (outcome: OutcomeParams) => void) {
    this.#send = send;
    this.#subscriptions = Disposable.from(
      workspace.onDidChangeTextDocument((event) => this.#onChange(event)),
      window.onDidChangeTextEditorSelection((event) => {
        const { document, selection } = event.textEditor;
        this.#onCursor(document, document.offsetAt(selection.active), selection.isEmpty);
      }),
      window.onDidChangeActiveTextEditor(() => this.#leave()),
    );
  }

  /** A reply of the daemon reached the editor; no items mean that nothing is shown now. */
  returned(document: TextDocument, position: Position, items: readonly InlineCompletionItem[]): void {
    const offset = document.offsetAt(position);
    const shown = items.flatMap((item): ShownItem[] => {
      const id = suggestionId(item);
      if (id === undefined || typeof item.insertText !== 'string') return [];
      return [{ id, rest: item.insertText }];
    });
    this.#newest = shown[0] ?? this.#newest;
    this.#set(shown.length === 0 ? undefined : { uri: document.uri.toString(), offset, items: shown });
  }

  /** The suggestion that came last to this window, as it was, whatever became of it. */
  get newest(): ShownItem | undefined {
    return this.#newest;
  }

  /** The command of an inline item ran. */
  accepted(id: unknown): void {
    if (typeof id === 'string') this.#send({ suggestionId: id, event: 'accepted' });
    this.#set(undefined);
  }

  /** Escape: hides what is shown, as the key does without Idiom, and tells the daemon. */
  async reject(): Promise<void> {
    this.#tell('rejected');
    this.#set(undefined);
    await commands.executeCommand('editor.action.inlineSuggest.hide');
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#set(undefined);
  }

  #onChange({ document, contentChanges }: TextDocumentChangeEvent): void {
    if (this.#shown === undefined || this.#shown.uri !== document.uri.toString()) return;
    const changes = contentChanges.map((change) => ({
      offset: change.rangeOffset,
      removedLength: change.rangeLength,
      text: change.text.replaceAll('\r\n', '\n'),
    }));
    this.#set(followChange(this.#shown, changes));
  }

  #onCursor(document: TextDocument, offset: number, isEmpty: boolean): void {
    if (this.#shown === undefined) return;
    if (isEmpty && isAt(this.#shown, document.uri.toString(), offset)) return;
    this.#leave();
  }

  #leave(): void {
    this.#tell('hidden');
    this.#set(undefined);
  }

  #tell(event: OutcomeParams['event']): void {
    for (const { id, rest } of this.#shown?.items ?? []) {
      if (rest !== '') this.#send({ suggestionId: id, event });
    }
  }

  #set(shown: ShownSuggestion | undefined): void {
    const isChange = (shown === undefined) !== (this.#shown === undefined);
    this.#shown = shown;
    if (isChange) void commands.executeCommand('setContext', shownContextKey, shown !== undefined);
  }
}

/** The id travels in the command, since the client library drops all other data of an item. */
function suggestionId(item: InlineCompletionItem): string | undefined {
  if (item.command?.command !== acceptedCommand) return undefined;
  const id: unknown = item.command.arguments?.[0];
  return typeof id === 'string' ? id : undefined;
}
