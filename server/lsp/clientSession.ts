/** What one connected editor can ask of the daemon: registers the handlers and owns what lives as long as the client. */

import type { Duplex } from 'node:stream';
import { DidChangeWatchedFilesNotification, TextDocumentSyncKind } from 'vscode-languageserver';
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver';
import { z } from 'zod';
import { learningMessages } from '../../protocol/learning.ts';
import { messageNames, protocolVersion } from '../../protocol/messages.ts';
import type {
  DoctorReport,
  HelloResult,
  IndexParams,
  StatusParams,
  SwitchesParams,
} from '../../protocol/messages.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { HomeFolders } from '../base/homeFolders.ts';
import type { Logger } from '../base/logger.ts';
import type { Completer } from '../completion/completer.ts';
import type { Retriever } from '../retrieval/snippet.ts';
import { createStreamConnection } from './createConnection.ts';
import type { DaemonServer } from './daemonServer.ts';
import { registerDashboard } from './dashboard.ts';
import type { DashboardSources } from './dashboard.ts';
import { decideHello } from './decideHello.ts';
import { EditorDocuments } from './editorDocuments.ts';
import type { EditorDocumentsServices } from './editorDocuments.ts';
import type { EditorLearning } from './editorLearning.ts';
import type { EditorRetrieval } from './editorRetrieval.ts';
import { registerForget } from './forgetRequest.ts';
import type { ForgetServices } from './forgetRequest.ts';
import { numbersOf, reportIndexes } from './indexReport.ts';
import { registerInlineCompletion } from './inlineCompletion.ts';
import { reportLearning } from './learningReport.ts';
import { registerLearning } from './learningRequests.ts';
import { answerOrExplain } from './requestFailure.ts';
import { registerSwitches } from './switchRequests.ts';
import { SessionSettings } from './sessionSettings.ts';

/** What the daemon shares between its clients. */
export interface SessionServices extends EditorDocumentsServices {
  readonly version: string;
  /** Path of the daemon's log, for clients that show it. */
  readonly logFile?: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly folders: Pick<HomeFolders, 'data' | 'cache' | 'models'>;
  /** @param repoIdOf of an open document. */
  createCompleter(retriever: Retriever, repoIdOf: (uri: string) => string | undefined): Completer;
  readonly status: {
    readonly status: StatusParams;
    onChange(listener: (status: StatusParams) => void): Disposable;
    think(): Disposable;
  };
  /** Machine-wide settings, from whichever client spoke last. */
  useSettings(settings: Settings): void;
  answerConsent(ref: string, answer: 'allow' | 'deny'): void;
  reloadBaseModel(): void;
  examine(): Promise<DoctorReport>;
}

const helloSchema = z.object({ protocolVersion: z.int(), version: z.string().max(100) });
const consentSchema = z.object({ ref: z.string().max(2000), answer: z.enum(['allow', 'deny']) });
const indexingSchema = z.object({ wish: z.enum(['stop', 'again']) });
const explainSchema = z.object({ uri: z.string() });

export function serveClient(stream: Duplex, daemon: DaemonServer, services: SessionServices): Disposable {
  const disposables = new DisposableStore();
  const connection = createStreamConnection(stream, services.logger, () => stream.end());
  disposables.add(toDisposable(() => connection.dispose()));
  registerHello(connection, daemon, services);
  registerQuestions(connection, services);
  connection.onInitialize((params) => {
    const session = startSession(connection, params, services);
    disposables.add(session);
    return initializeResult(services.version);
  });
  connection.listen();
  return disposables;
}

function registerHello(connection: Connection, daemon: DaemonServer, services: SessionServices): void {
  connection.onRequest(messageNames.hello, (params: unknown) => {
    const facts = { protocolVersion, version: services.version, nOtherClients: daemon.nClients - 1 };
    const decision = decideHello(facts, helloSchema.parse(params));
    services.logger.info('daemon', 'hello', { decision });
    // A client that is told to retry closes its stream, and so ends an otherwise idle daemon.
    if (decision === 'later' || decision === 'retry') daemon.endWhenIdle();
    const { version, logFile } = services;
    const reply: HelloResult = { protocolVersion, version, pid: process.pid, decision };
    return logFile === undefined ? reply : { ...reply, logFile };
  });
}

function registerQuestions(connection: Connection, services: SessionServices): void {
  connection.onRequest(messageNames.consent, (params: unknown) => {
    const { ref, answer } = consentSchema.parse(params);
    services.answerConsent(ref, answer);
    return null;
  });
  connection.onRequest(messageNames.reload, () => {
    services.reloadBaseModel();
    return null;
  });
  connection.onRequest(messageNames.ping, () => null);
  connection.onRequest(messageNames.doctor, () => services.examine());
}

function startSession(
  connection: Connection,
  params: InitializeParams,
  services: SessionServices,
): Disposable {
  const disposables = new DisposableStore();
  const { logger } = services;
  const settings = new SessionSettings({
    connection,
    logger,
    initial: readInitialSettings(params.initializationOptions),
    canAsk: params.capabilities.workspace?.configuration === true,
  });
  const documents = disposables.add(
    new EditorDocuments(connection, services, settings, isTrusted(params.initializationOptions)),
  );
  documents.setFolders((params.workspaceFolders ?? []).map((folder) => folder.uri));
  registerInlineCompletion({
    connection,
    documents,
    completer: disposables.add(
      services.createCompleter(documents.retrieval, (uri) => documents.repoIdOf(uri)),
    ),
    logger,
    think: () => services.status.think(),
  });
  disposables.add(registerRepository(connection, documents, services));

  const tellStatus = (status: StatusParams) => notify(connection, messageNames.status, status, logger);
  async function applySettings(): Promise<void> {
    services.useSettings(await settings.get(undefined));
    await documents.settingsChanged();
  }
  connection.onInitialized(() => {
    disposables.add(services.status.onChange((status) => tellStatus(status)));
    tellStatus(services.status.status);
    disposables.add(tellLearning(connection, documents.learning, services));
    if (params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      watchFiles(connection, logger);
    }
    if (params.capabilities.workspace?.workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(() => {
        void connection.workspace
          .getWorkspaceFolders()
          .then((folders) => documents.setFolders((folders ?? []).map((folder) => folder.uri)))
          .then(() => documents.learning.knowFolders());
      });
    }
    applySettings().catch((error: unknown) =>
      logger.error('lsp', 'settings', { error: describeError(error) }),
    );
  });
  connection.onDidChangeConfiguration(({ settings: value }) => {
    settings.changed(value);
    applySettings().catch((error: unknown) =>
      logger.error('lsp', 'settings', { error: describeError(error) }),
    );
  });
  return disposables;
}

/** What can be asked of the repositories that an editor is in. */
function registerRepository(
  connection: Connection,
  documents: EditorDocuments,
  services: SessionServices,
): Disposable {
  connection.onRequest(messageNames.explain, (question: unknown) =>
    documents.explain(explainSchema.parse(question).uri),
  );
  registerLearning(connection, documents.learning);
  registerDashboard(connection, (uri) => answerOrExplain(() => sourcesOf(documents, services, uri)));
  registerForget(connection, () => forgetServices(documents, services));
  const tellSwitches = (params: SwitchesParams) =>
    notify(connection, messageNames.switches, params, services.logger);
  const disposables = new DisposableStore();
  disposables.add(registerSwitches(connection, documents, services.choices, tellSwitches));
  disposables.add(registerIndex(connection, documents.retrieval, services));
  return disposables;
}

function registerIndex(
  connection: Connection,
  retrieval: EditorRetrieval,
  { clock, logger }: SessionServices,
): Disposable {
  connection.onRequest(messageNames.indexing, (params: unknown) => {
    retrieval.wishIndexing(indexingSchema.parse(params).wish);
    return null;
  });
  return reportIndexes({
    clock,
    indexes: () => retrieval.indexes,
    onChange: (listener) => retrieval.onChange(listener),
    send: (params: IndexParams) => notify(connection, messageNames.index, params, logger),
  });
}

/** Undefined where nothing is recorded, so that there is nothing to forget. */
function forgetServices(
  { learning: editor }: EditorDocuments,
  { learning, folders, clock }: SessionServices,
): ForgetServices | undefined {
  if (typeof learning === 'string') return undefined;
  const { ground, registry, loops } = learning;
  return {
    ...{ ground, registry, folders, clock },
    repoIdOf: async (uri) => (await editor.homeOf(uri)).repoId,
    tellLoop: (repoId, adapters, isRetraining) =>
      loops.of(repoId)?.forgotten(adapters, isRetraining) === true,
  };
}

async function sourcesOf(
  { learning, retrieval }: EditorDocuments,
  { folders, clock }: SessionServices,
  uri: string,
): Promise<DashboardSources> {
  const { services, ...repository } = await learning.find(uri);
  const status = retrieval.indexes.find(({ root }) => root === repository.root)?.index.status();
  return {
    learning: learning.describe(repository),
    versions: services.versionsOf(repository),
    ground: services.ground,
    builtIn: services.builtInDigest(),
    index: status === undefined ? undefined : numbersOf(status),
    ...{ folders, nowMs: clock.nowMs() },
  };
}

function tellLearning(
  connection: Connection,
  learning: EditorLearning,
  { clock, logger }: SessionServices,
): Disposable {
  return reportLearning({
    clock,
    repositories: () => learning.repositories,
    onChange: (listener) => learning.onChange(listener),
    send: (params) => notify(connection, learningMessages.learning, params, logger),
  });
}

/** The editor watches the disk already; its word saves a walk through the tree. */
function watchFiles(connection: Connection, logger: Logger): void {
  connection.client
    .register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*' }] })
    .catch((error: unknown) => logger.debug('lsp', 'no file watching', { error: describeError(error) }));
}

function notify(connection: Connection, method: string, params: object, logger: Logger): void {
  connection
    .sendNotification(method, params)
    .catch((error: unknown) => logger.debug('lsp', 'not sent', { method, error: describeError(error) }));
}

function initializeResult(version: string): InitializeResult {
  return {
    serverInfo: { name: 'Idiom', version },
    capabilities: {
      positionEncoding: 'utf-16',
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      inlineCompletionProvider: {},
      executeCommandProvider: { commands: [] },
      workspace: {
        workspaceFolders: { supported: true, changeNotifications: true },
        fileOperations: { didRename: { filters: [{ pattern: { glob: '**' } }] } },
      },
    },
  };
}

function readInitialSettings(options: unknown): unknown {
  return (options as { settings?: unknown } | null | undefined)?.settings;
}

/** Editors without workspace trust are trusted, as they trust whatever they open. */
function isTrusted(options: unknown): boolean {
  return (options as { isTrusted?: unknown } | null | undefined)?.isTrusted !== false;
}
