/** The documents that one client has open, kept in step by its notifications; it stores nothing. */

import { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver';
import { toOffsetChange } from './convert.ts';
import type { OffsetChange } from './convert.ts';

export interface DocumentChange {
  readonly document: TextDocument;
  /** One after the other, each in offsets of the text that the one before left. */
  readonly changes: readonly OffsetChange[];
}

/**
 * Longer documents are not kept. Each keystroke copies the text, a millisecond for as much as this; the index leaves out
 * files of half the size, and source files of this size are rare.
 */
export const maxDocumentChars = 2 * 2 ** 20;

export class OpenDocuments {
  readonly #documents = new Map<string, TextDocument>();
  readonly #tooLarge = new Set<string>();

  get(uri: string): TextDocument | undefined {
    return this.#documents.get(uri);
  }

  get uris(): readonly string[] {
    return [...this.#documents.keys()];
  }

  /** Its text could not be taken, so that nothing is known of it until it is opened again. */
  refuse(uri: string): void {
    this.#documents.delete(uri);
    this.#tooLarge.add(uri);
  }

  isTooLarge(uri: string): boolean {
    return this.#tooLarge.has(uri);
  }

  /** Undefined when it is too large. */
  open(params: DidOpenTextDocumentParams): TextDocument | undefined {
    const { uri, languageId, version, text } = params.textDocument;
    if (text.length > maxDocumentChars) {
      this.refuse(uri);
      return undefined;
    }
    const document = TextDocument.create(uri, languageId, version, text);
    this.#documents.set(uri, document);
    this.#tooLarge.delete(uri);
    return document;
  }

  /**
   * Undefined when the document was never opened (such a client is broken, and guessing would be worse), and when it is
   * too large, be it by this change.
   */
  change(params: DidChangeTextDocumentParams): DocumentChange | undefined {
    const document = this.#documents.get(params.textDocument.uri);
    if (document === undefined) return undefined;
    const changes: OffsetChange[] = [];
    for (const change of params.contentChanges) {
      changes.push(toOffsetChange(document, change));
      TextDocument.update(document, [change], params.textDocument.version);
    }
    if (document.getText().length <= maxDocumentChars) return { document, changes };
    this.refuse(document.uri);
    return undefined;
  }

  close(params: DidCloseTextDocumentParams): TextDocument | undefined {
    const document = this.#documents.get(params.textDocument.uri);
    this.#documents.delete(params.textDocument.uri);
    this.#tooLarge.delete(params.textDocument.uri);
    return document;
  }

  /** Whether the position lies in the document: LSP lets a character beyond the line's end mean its end. */
  hasLine(document: TextDocument, line: number): boolean {
    return Number.isInteger(line) && line >= 0 && line < document.lineCount;
  }
}
