/** The LSP request for ghost text: from a position in an open document to an item, and what there is to tell about it. */

import { InlineCompletionTriggerKind } from 'vscode-languageserver';
import type {
  CancellationToken,
  Connection,
  InlineCompletionItem,
  InlineCompletionParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { z } from 'zod';
import { messageNames } from '../../protocol/messages.ts';
import type { CursorParams, ReturnedParams } from '../../protocol/messages.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Completer } from '../completion/completer.ts';
import type { SuggestRequest, SuggestResult, Suggestion } from '../completion/suggestRequest.ts';
import { toInlineItem } from './convert.ts';
import type { DocumentFacts, EditorDocuments } from './editorDocuments.ts';

const cursorSchema = z.object({
  uri: z.string().max(10_000),
  position: z.object({ line: z.int().min(0), character: z.int().min(0) }),
});

export interface InlineCompletionContext {
  readonly connection: Connection;
  readonly documents: EditorDocuments;
  readonly completer: Completer;
  readonly logger: Logger;
  /** Shows `thinking` until disposed. */
  think(): Disposable;
}

export function registerInlineCompletion(context: InlineCompletionContext): void {
  const { connection, logger } = context;
  connection.languages.inlineCompletion.on(async (params, token) => {
    try {
      return await answer(context, params, token);
    } catch (error) {
      // Ghost text that does not come is no reason for a pop-up.
      logger.error('completion', 'request failed', { error: describeError(error) });
      return [];
    }
  });
  connection.onNotification(messageNames.cursor, (params: unknown) => {
    readAhead(context, cursorSchema.parse(params)).catch((error: unknown) =>
      logger.debug('completion', 'not read ahead', { error: describeError(error) }),
    );
  });
}

async function readAhead(
  { documents, completer }: InlineCompletionContext,
  { uri, position }: CursorParams,
): Promise<void> {
  const document = documents.open.get(uri);
  if (document === undefined || !documents.open.hasLine(document, position.line)) return;
  const facts = await documents.factsOf(uri);
  const context = { triggerKind: InlineCompletionTriggerKind.Automatic };
  const asked = { textDocument: { uri }, position, context };
  await completer.warm(
    toRequest(document, document.offsetAt(position), asked, facts, documents.mayRead(facts)),
  );
}

async function answer(
  context: InlineCompletionContext,
  params: InlineCompletionParams,
  token: CancellationToken,
): Promise<InlineCompletionItem[]> {
  const { documents } = context;
  const { uri } = params.textDocument;
  const document = documents.open.get(uri);
  if (documents.open.isTooLarge(uri)) {
    tell(context, { uri, none: 'fileTooLarge' });
    return [];
  }
  if (document === undefined || !documents.open.hasLine(document, params.position.line)) {
    tell(context, { uri, none: 'positionOutsideDocument' });
    return [];
  }
  const { version } = document;
  const offset = document.offsetAt(params.position);
  const facts = await documents.factsOf(document.uri);
  documents.recorder.requested(document.uri, offset);
  const thinking = context.think();
  const abort = new AbortController();
  const cancellation = token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  try {
    const request = toRequest(document, offset, params, facts, documents.mayRead(facts));
    const startMs = performance.now();
    const result = await context.completer.suggest(request, abort.signal);
    if (result.kind === 'none')
      documents.recorder.gaveNothing(document.uri, result.reason, performance.now() - startMs);
    return deliver(context, { document, version, offset }, result, abort.signal);
  } finally {
    cancellation.dispose();
    thinking.dispose();
  }
}

interface Cursor {
  readonly document: TextDocument;
  /** Of the document when it was asked. */
  readonly version: number;
  readonly offset: number;
}

function deliver(
  context: InlineCompletionContext,
  cursor: Cursor,
  result: SuggestResult,
  signal: AbortSignal,
): InlineCompletionItem[] {
  const { uri } = cursor.document;
  if (result.kind === 'none') {
    tell(context, { uri, none: result.reason });
    return [];
  }
  if (signal.aborted || cursor.document.version !== cursor.version) {
    tell(context, { uri, none: 'superseded' });
    return [];
  }
  record(context, cursor, result);
  tell(context, { uri, suggestionId: result.id });
  void context.completer.prefetchAfterAccept(result.id);
  return [toInlineItem(cursor.document, cursor.offset, result)];
}

function record(context: InlineCompletionContext, cursor: Cursor, suggestion: Suggestion): void {
  const { document, offset } = cursor;
  context.documents.recorder.returned({
    id: suggestion.id,
    uri: document.uri,
    languageId: document.languageId,
    offset,
    text: suggestion.text,
    replaceLength: suggestion.replaceLength,
    isMultiline: suggestion.isMultiline,
    adapter: suggestion.adapter,
    route: suggestion.route,
    latencyMs: suggestion.latencyMs,
    snippets: suggestion.snippets.map(({ path, startLine, endLine }) => ({ path, startLine, endLine })),
  });
}

function toRequest(
  document: TextDocument,
  offset: number,
  params: InlineCompletionParams,
  facts: DocumentFacts,
  mayRead: boolean,
): SuggestRequest {
  const { settings, place } = facts;
  const selected = params.context.selectedCompletionInfo;
  const text = document.getText();
  return {
    uri: document.uri,
    path: place.path,
    repoName: place.home.name,
    languageId: document.languageId,
    document: { length: text.length, slice: (start, end) => text.slice(start, end) },
    offset,
    version: document.version,
    trigger: params.context.triggerKind === InlineCompletionTriggerKind.Invoked ? 'manual' : 'automatic',
    selectedCompletion:
      selected === undefined
        ? undefined
        : {
            text: selected.text,
            start: document.offsetAt(selected.range.start),
            end: document.offsetAt(selected.range.end),
          },
    isMultilineAllowed: settings.multiline !== 'never',
    isMultilinePreferred: settings.multiline === 'always',
    isIgnored: !mayRead,
    settings: {
      isEnabled: settings.enabled,
      disabledLanguages: settings.disabledLanguages,
      maxPromptTokens: settings.maxPromptTokens,
      maxNewTokens: settings.maxNewTokens,
      debounceMs: settings.debounceMs,
      isManualOnly: settings.trigger === 'manual',
      isOffInComments: !settings.inComments,
      maxLines: settings.maxLines,
    },
  };
}

function tell(context: InlineCompletionContext, params: ReturnedParams): void {
  const { connection, logger } = context;
  logger.debug('completion', 'answered', { none: params.none, suggestionId: params.suggestionId });
  connection
    .sendNotification(messageNames.returned, params)
    .catch((error: unknown) => logger.debug('lsp', 'not sent', { error: describeError(error) }));
}
