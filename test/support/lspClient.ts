/** A plain LSP client for tests, over any pair of streams; it knows nothing of VS Code. */

import type { Readable, Writable } from 'node:stream';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { messageNames } from '../../protocol/messages.ts';
import { learningMessages } from '../../protocol/learning.ts';
import type { LearningParams, RepositoryLearning } from '../../protocol/learning.ts';
import type { FolderIndex, IndexParams, ReturnedParams, StatusParams } from '../../protocol/messages.ts';

export interface InlineItem {
  readonly insertText: string;
  readonly range: { start: Position; end: Position };
  readonly command: { command: string; arguments: string[] };
}
export interface Position {
  readonly line: number;
  readonly character: number;
}
export interface InitializeWish {
  readonly settings?: Record<string, unknown>;
  readonly isTrusted?: boolean;
  readonly folders?: readonly string[];
}

export type LspClient = ReturnType<typeof createLspClient>;

/** Waits poll nothing: they resolve on the notification that makes their condition true. */
export function createLspClient(input: Readable, output: Writable) {
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const statuses: StatusParams[] = [];
  const returned: ReturnedParams[] = [];
  const indexes: (readonly FolderIndex[])[] = [];
  const learnings: (readonly RepositoryLearning[])[] = [];
  const waiting = new Set<() => void>();
  const versions = new Map<string, number>();
  let isClosed = false;
  const wake = () => [...waiting].forEach((check) => check());
  connection.onNotification(messageNames.status, (status: StatusParams) => {
    statuses.push(status);
    wake();
  });
  connection.onNotification(messageNames.returned, (params: ReturnedParams) => {
    returned.push(params);
    wake();
  });
  connection.onNotification(messageNames.index, ({ folders }: IndexParams) => {
    indexes.push(folders);
    wake();
  });
  connection.onNotification(learningMessages.learning, ({ repositories }: LearningParams) => {
    learnings.push(repositories);
    wake();
  });
  connection.onClose(() => {
    isClosed = true;
    wake();
  });
  connection.onError(() => undefined);
  connection.listen();

  function until(condition: () => boolean, what: string, timeoutMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(new Error(`timed out waiting for ${what}; last status ${JSON.stringify(statuses.at(-1))}`));
      }, timeoutMs);
      function check() {
        if (!condition()) return;
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      }
      waiting.add(check);
      check();
    });
  }
  const change = (uri: string, contentChanges: unknown[]) => {
    const version = (versions.get(uri) ?? 1) + 1;
    versions.set(uri, version);
    return connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  };
  return {
    connection,
    statuses,
    returned,
    /** What was told of the indexes, the newest last. */
    indexes,
    /** What was told of learning, the newest last. */
    learnings,
    until,
    get isClosed() {
      return isClosed;
    },
    async initialize(wish: InitializeWish = {}) {
      const answer = await connection.sendRequest<{
        capabilities: Record<string, unknown>;
        serverInfo: unknown;
      }>('initialize', {
        processId: process.pid,
        rootUri: null,
        capabilities: {},
        workspaceFolders: (wish.folders ?? []).map((uri) => ({ uri, name: uri })),
        initializationOptions: { settings: wish.settings ?? {}, isTrusted: wish.isTrusted ?? true },
      });
      await connection.sendNotification('initialized', {});
      return answer;
    },
    open: (uri: string, text: string, languageId = 'typescript') =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      }),
    /** Inserts text at a position, as typing or accepting does. */
    insert: (uri: string, at: Position, text: string) =>
      change(uri, [{ range: { start: at, end: at }, text }]),
    change,
    close: (uri: string) => connection.sendNotification('textDocument/didClose', { textDocument: { uri } }),
    complete: (uri: string, position: Position, isManual = true) =>
      connection.sendRequest<InlineItem[]>('textDocument/inlineCompletion', {
        textDocument: { uri },
        position,
        context: { triggerKind: isManual ? 1 : 2 },
      }),
    untilState: (state: StatusParams['state'], timeoutMs?: number) =>
      until(() => statuses.at(-1)?.state === state, `status ${state}`, timeoutMs),
    dispose() {
      connection.dispose();
      output.end();
    },
  };
}
