/** Tells the daemon where the cursor has come to rest, so that it reads the prompt there before a key is pressed. */

import { Disposable, window } from 'vscode';
import type { TextEditor } from 'vscode';
import type { CursorParams } from '../protocol/messages.ts';
import { hasSuggestions } from './suggestionSettings.ts';

/** Longer than between two steps of a cursor that walks through the text. */
const restMs = 150;

export class CursorRest {
  readonly #send: (params: CursorParams) => void;
  readonly #subscriptions: Disposable;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (params: CursorParams) => void) {
    this.#send = send;
    this.#subscriptions = Disposable.from(
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.#tellSoon(textEditor)),
      window.onDidChangeActiveTextEditor((editor) => this.#tellSoon(editor)),
    );
  }

  /** Where it is now: the daemon that was just connected knows nothing yet. */
  tell(): void {
    this.#tell(window.activeTextEditor);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }

  #tellSoon(editor: TextEditor | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(editor), restMs);
  }

  #tell(editor: TextEditor | undefined): void {
    if (editor === undefined || editor !== window.activeTextEditor) return;
    const { document, selection } = editor;
    if (!selection.isEmpty || !hasSuggestions(document)) return;
    const { line, character } = selection.active;
    this.#send({ uri: document.uri.toString(), position: { line, character } });
  }
}
