/** One life of the LSP client over one socket: starts it, adapts it, resolves when the socket closes. It never shows a pop-up. */

import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { Disposable, InlineCompletionList, InlineCompletionTriggerKind, Uri, workspace } from 'vscode';
import type {
  CancellationToken,
  InlineCompletionContext,
  InlineCompletionItem,
  InlineCompletionItemProvider,
  LogOutputChannel,
  Position,
  TextDocument,
} from 'vscode';
import { CloseAction, ErrorAction, LanguageClient } from 'vscode-languageclient/node';
import type { LanguageClientOptions, Middleware } from 'vscode-languageclient/node';
import { learningMessages } from '../protocol/learning.ts';
import type { LearningParams } from '../protocol/learning.ts';
import { messageNames } from '../protocol/messages.ts';
import type { IndexParams, ReturnedParams, StatusParams, SwitchesParams } from '../protocol/messages.ts';
import { languageSettings } from '../protocol/settings.ts';
import { isServedScheme } from './documentFilter.ts';
import { systemClock } from './clock.ts';
import { LinkError } from './linkError.ts';
import { SilentDaemonError, watchAnswers } from './silentDaemon.ts';
import { hasSuggestions, readSetting, isLearningOffForUser } from './suggestionSettings.ts';
import { withTrust } from './trustedConfiguration.ts';

export interface LanguageLinkProps {
  readonly socket: Socket;
  readonly output: LogOutputChannel;
  readonly onStatus: (status: StatusParams) => void;
  readonly onSwitches: (params: SwitchesParams) => void;
  readonly onIndex: (params: IndexParams) => void;
  readonly onLearning: (params: LearningParams) => void;
  /** No suggestions for now. */
  readonly isSnoozed: () => boolean;
  /** Why a request brought nothing; undefined for a suggestion. */
  readonly onAnswered: (params: ReturnedParams) => void;
  /** A suggestion request goes out; the function that it returns is called when it is over. */
  readonly onAsked: () => () => void;
  /** A reply to a suggestion request reached the editor, with or without items. */
  readonly onReturned: (
    document: TextDocument,
    position: Position,
    items: readonly InlineCompletionItem[],
  ) => void;
}

/** What the commands see of a running link. */
export interface LanguageLink {
  /** @throws when the link breaks, or the daemon does not know the method. */
  request(method: string, params?: object): Promise<unknown>;
  /** Lost without a word when the link breaks. */
  notify(method: string, params: object): void;
}

/** A daemon that takes the connection but then stays silent is given up after this time. */
const initializeTimeoutMs = 15_000;
const stopTimeoutMs = 1_000;

/**
 * Resolves when the socket has closed, whoever closed it; `onReady` is called once the client runs.
 * Open documents are opened again in each life, since each has a client of its own.
 * @throws LinkError when the daemon does not finish the LSP handshake.
 */
export async function serveLanguageLink(
  props: LanguageLinkProps,
  onReady: (link: LanguageLink) => void,
  signal: AbortSignal,
): Promise<void> {
  const { socket } = props;
  const closed = new Promise<void>((resolve) => {
    if (socket.closed || socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
  const client = new QuietLanguageClient(
    'idiom',
    'Idiom',
    () => Promise.resolve({ reader: readerOf(socket), writer: socket, detached: true }),
    clientOptions(props),
  );
  client.onNotification(messageNames.status, props.onStatus);
  client.onNotification(messageNames.switches, props.onSwitches);
  client.onNotification(messageNames.index, props.onIndex);
  client.onNotification(learningMessages.learning, props.onLearning);
  client.onNotification(messageNames.returned, props.onAnswered);
  const timer = setTimeout(() => socket.destroy(), initializeTimeoutMs);
  const onAbort = () => void endGently(client, socket);
  signal.addEventListener('abort', onAbort, { once: true });
  // The daemon learns of trust when a client introduces itself, so a new one must.
  const subscriptions = Disposable.from(
    pushConfigurationChanges(client),
    workspace.onDidGrantWorkspaceTrust(onAbort),
  );
  let watch: { dispose(): void } | undefined;
  let isSilent = false;
  try {
    await started(client, closed);
    clearTimeout(timer);
    onReady(linkOf(client));
    watch = watchAnswers(
      () => client.sendRequest(messageNames.ping),
      systemClock,
      () => {
        isSilent = true;
        socket.destroy();
      },
    );
    await closed;
    if (isSilent) throw new SilentDaemonError();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    watch?.dispose();
    subscriptions.dispose();
    socket.destroy();
    await client.dispose(stopTimeoutMs).catch(() => undefined);
  }
}

/** The library shows pop-ups for lost connections; ours is told in the status bar, so its messages go to the log alone. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

/** The greeting left the socket paused, and a mere listener would not start it again; a pipe does, and loses nothing. */
function readerOf(socket: Socket): Readable {
  const reader = socket.pipe(new PassThrough());
  socket.once('close', () => reader.destroy());
  return reader;
}

async function started(client: LanguageClient, closed: Promise<void>): Promise<void> {
  const lost = closed.then(() => {
    throw new LinkError(
      'The Idiom daemon closed the connection before it was ready.',
      'Idiom keeps trying. "Idiom: Show Log" tells more.',
    );
  });
  const start = client.start();
  // Whichever loses the race must not become an unhandled rejection.
  lost.catch(() => undefined);
  start.catch(() => undefined);
  await Promise.race([start, lost]);
}

async function endGently(client: LanguageClient, socket: Socket): Promise<void> {
  await client.stop(stopTimeoutMs).catch(() => undefined);
  socket.destroy();
}

function linkOf(client: LanguageClient): LanguageLink {
  return {
    request: (method, params) =>
      params === undefined ? client.sendRequest(method) : client.sendRequest(method, params),
    notify(method, params) {
      client.sendNotification(method, params).catch(() => undefined);
    },
  };
}

function clientOptions(props: LanguageLinkProps): LanguageClientOptions {
  return {
    // Everything; the middleware leaves out what is no code, by the scheme of its URI.
    documentSelector: [{ language: '*' }],
    outputChannel: props.output,
    initializationOptions: { isTrusted: workspace.isTrusted },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({
        action: CloseAction.DoNotRestart,
        handled: true,
        message: 'The connection to the daemon ended.',
      }),
    },
    middleware: middleware(props),
  };
}

function middleware(props: LanguageLinkProps): Middleware {
  const ifServed = async (document: TextDocument, send: () => Promise<void>): Promise<void> => {
    if (isServedScheme(document.uri.scheme)) await send();
  };
  return {
    didOpen: (document, next) => ifServed(document, () => next(document)),
    didChange: (event, next) => ifServed(event.document, () => next(event)),
    didSave: (document, next) => ifServed(document, () => next(document)),
    didClose: (document, next) => ifServed(document, () => next(document)),
    workspace: {
      configuration: async (params, token, next) => {
        const values: unknown = await next(params, token);
        if (!Array.isArray(values)) return [];
        return values.map((value, index) =>
          params.items[index]?.section === 'idiom'
            ? withTrust(
                withLanguage(value, params.items[index].scopeUri),
                workspace.isTrusted,
                isLearningOffForUser(),
              )
            : (value as unknown),
        );
      },
    },
    provideInlineCompletionItems: (document, position, context, token, next) =>
      provideSuggestions(props, { document, position, context, token }, next),
  };
}

/** The daemon asks by URI; what is set for a document's language is known here alone. */
function withLanguage(value: unknown, scopeUri: string | undefined): unknown {
  const uri = scopeUri === undefined ? undefined : Uri.parse(scopeUri).toString();
  const document = workspace.textDocuments.find((each) => each.uri.toString() === uri);
  if (document === undefined || typeof value !== 'object' || value === null) return value;
  const ofLanguage = languageSettings.map((name) => [name, readSetting(name, document)] as const);
  return { ...value, ...Object.fromEntries(ofLanguage) };
}

interface Asked {
  readonly document: TextDocument;
  readonly position: Position;
  readonly context: InlineCompletionContext;
  readonly token: CancellationToken;
}

/** A failed request gives no suggestion; why stands in the daemon's log, and a person who types is not disturbed. */
async function provideSuggestions(
  { onReturned, onAsked, isSnoozed, output }: LanguageLinkProps,
  { document, position, context, token }: Asked,
  next: InlineCompletionItemProvider['provideInlineCompletionItems'],
): Promise<InlineCompletionList | undefined> {
  if (!hasSuggestions(document)) return undefined;
  if (isSnoozed() && context.triggerKind === InlineCompletionTriggerKind.Automatic) return undefined;
  const over = onAsked();
  // VS Code lets go of a request that it has canceled before the answer comes.
  const cancellation = token.onCancellationRequested(over);
  try {
    const result = await next(document, position, context, token);
    if (token.isCancellationRequested) return undefined;
    const items = Array.isArray(result) ? result : (result?.items ?? []);
    onReturned(document, position, items);
    return new InlineCompletionList(items);
  } catch (error) {
    output.debug(`No suggestion: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    cancellation.dispose();
    over();
  }
}

/** The daemon fetches settings with `workspace/configuration` once it is told that some changed. */
function pushConfigurationChanges(client: LanguageClient): Disposable {
  const push = () => {
    if (!client.isRunning()) return;
    const idiom = withTrust(
      workspace.getConfiguration().get('idiom'),
      workspace.isTrusted,
      isLearningOffForUser(),
    );
    client
      .sendNotification('workspace/didChangeConfiguration', { settings: { idiom } })
      .catch(() => undefined);
  };
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('idiom')) push();
  });
}
