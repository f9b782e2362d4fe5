/** Builds every object by hand, in order, and nothing else: a command of the CLI, or the daemon. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { socketPath } from '../protocol/socketPath.ts';
import { defaultSettings } from '../protocol/settings.ts';
import { systemClock } from './base/clock.ts';
import { DisposableStore } from './base/disposable.ts';
import { describeError, IdiomError } from './base/errors.ts';
import { homeFolders } from './base/homeFolders.ts';
import { LogFile } from './base/logFile.ts';
import { createLogger, silentLogger } from './base/logger.ts';
import type { Logger, LogLevel } from './base/logger.ts';
import type { CliContext, CliRepo, OwnSuggester, SuggesterWish } from './cli/cliContext.ts';
import { runProgram } from './cli/runProgram.ts';
import { indexPathOf } from './cli/indexCommand.ts';
import { showProgress } from './cli/showProgress.ts';
import type { Progress } from './cli/showProgress.ts';
import { createRouter } from './completion/adaptiveRouter.ts';
import { Completer } from './completion/completer.ts';
import { fixedRouter } from './completion/route.ts';
import type { Router } from './completion/route.ts';
import type { Check } from './doctor/examine.ts';
import { examine } from './doctor/examine.ts';
import { folderId, openRepository } from './git/repository.ts';
import { BaseModelSupply } from './llama/baseModelSupply.ts';
import type { AdapterFile, Engine } from './llama/engine.ts';
import { EngineProcess } from './llama/engineProcess.ts';
import { resolveBaseModel } from './llama/resolveBaseModel.ts';
import type { DownloadsSetting } from './llama/resolveBaseModel.ts';
import { serveClient } from './lsp/clientSession.ts';
import type { SessionServices } from './lsp/clientSession.ts';
import { startDaemonServer } from './lsp/daemonServer.ts';
import { checkIndexes } from './lsp/indexReport.ts';
import { LiveIndexes } from './lsp/liveIndexes.ts';
import { MachineSettings } from './lsp/machineSettings.ts';
import { openRecord } from './lsp/openRecord.ts';
import { describeSupply, StatusBoard } from './lsp/statusBoard.ts';
import type { StoredAdapter } from './registry/adapterStore.ts';
import { createTaskAdapters } from './registry/taskAdapter.ts';
import { IndexProcess } from './retrieval/indexProcess.ts';
import { OwnRetriever } from './retrieval/ownRetriever.ts';
import { noRetrieval } from './retrieval/snippet.ts';
import type { Retriever } from './retrieval/snippet.ts';

const graceMs = 30_000;
const maxLogBytes = 5_000_000;
const nOlderLogs = 3;
/** Nobody waits at a keyboard for a batch. */
const maxBatchWaitMs = 600_000;

const env = process.env;
const version = readVersion();
const folders = homeFolders(env);
const groundPath = join(folders.data, 'idiom.sqlite');
const logPath = join(folders.logs, 'daemon.log');
const clock = systemClock;
const uid = process.getuid?.();
const socket = socketPath({ env, platform: process.platform, uid, tmpDir: tmpdir(), homeDir: homedir() });
const mediaDir = join(packageRoot(), 'media');
const lockPath = join(process.platform === 'win32' ? folders.data : dirname(socket), 'daemon.lock');
const interrupt = new AbortController();

function createEngine(
  logger: Logger,
  options: { gpu: 'auto' | 'off'; threads: number; contextTokens: number },
): EngineProcess {
  return new EngineProcess({ clock, logger, ...options });
}

function createCompleter(
  engine: Engine,
  logger: Logger,
  options: { retriever: Retriever; router: Router; maxWaitMs?: number },
): Completer {
  return new Completer({
    engine,
    retriever: options.retriever,
    router: options.router,
    ...(options.maxWaitMs === undefined ? {} : { maxWaitMs: options.maxWaitMs }),
    clock,
    logger,
    newId: randomUUID,
  });
}

async function openSuggester(wish: SuggesterWish): Promise<OwnSuggester> {
  const progress = showProgress({
    isTerminal: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    nowMs: () => clock.nowMs(),
  });
  const disposables = new DisposableStore();
  try {
    const found = await resolveBaseModel({
      ref: wish.baseModel,
      downloads: wish.downloads,
      modelsDir: folders.models,
      consent: () => 'unknown',
      onProgress: progress.download,
      signal: interrupt.signal,
    });
    if (found.kind === 'consentNeeded') throw missingModel(found.offer.name, found.offer.ref);
    const contextTokens = wish.maxPromptTokens + wish.maxNewTokens;
    const engine = disposables.add(createEngine(silentLogger, { gpu: 'auto', threads: 0, contextTokens }));
    disposables.add(engine.onState(progress.engine));
    const info = await engine.load(found.path);
    progress.done();
    const retrieval =
      wish.repo === undefined ? undefined : disposables.add(await openRetrieval(wish.repo, progress));
    let adapter: AdapterFile | undefined;
    const completer = disposables.add(
      createCompleter(engine, silentLogger, {
        retriever: retrieval ?? noRetrieval,
        router: fixedRouter(() => adapter),
        maxWaitMs: maxBatchWaitMs,
      }),
    );
    return {
      ...{ info, engine, completer },
      retrieval: retrieval ?? nothingToSee,
      get adapter() {
        return adapter;
      },
      useAdapter: (wanted) => (adapter = wanted),
      dispose: () => disposables.dispose(),
    };
  } catch (error) {
    disposables.dispose();
    throw error;
  }
}

const nothingToSee = {
  ...noRetrieval,
  seeWorkingTree: () => Promise.resolve(),
  seeCommit: () => Promise.resolve(),
};

async function openRetrieval(repo: CliRepo, progress: Progress): Promise<OwnRetriever> {
  return new OwnRetriever({
    root: repo.root,
    repository: await openRepository(repo.root),
    indexPath: indexPathOf(folders.cache, repo.repoId, repo.root),
    settingGlobs: [],
    logger: silentLogger,
    nowMs: () => clock.nowMs(),
    onProgress: progress.indexing,
  });
}

async function checkBaseModel(ref: string): Promise<Check> {
  const found = await resolveBaseModel({
    ref,
    downloads: 'never',
    modelsDir: folders.models,
    consent: () => 'unknown',
    onProgress: () => undefined,
    signal: interrupt.signal,
  });
  if (found.kind === 'consentNeeded') throw missingModel(found.offer.name, found.offer.ref);
  return { name: 'base model', verdict: 'ok', detail: `${found.path} is there.` };
}

function missingModel(name: string, ref: string): IdiomError {
  return new IdiomError('modelMissing', `The base model ${name} is not on this machine.`, {
    remedy: `Get it with \`idiom model get ${ref}\`.`,
  });
}

/** False when another daemon is running. */
async function runDaemon(): Promise<boolean> {
  const sink = new LogFile({
    path: logPath,
    maxSizeBytes: maxLogBytes,
    nOlder: nOlderLogs,
  });
  const settings = new MachineSettings(defaultSettings);
  const logger = createLogger(
    sink,
    () => settings.value.logLevel as LogLevel,
    () => clock.nowMs(),
  );
  process.on('uncaughtException', (error) => {
    logger.error('daemon', 'uncaught', { error: error.stack ?? error.message });
    process.exit(1);
  });
  // A request whose client has gone meanwhile fails on its own; the other clients are served on.
  process.on('unhandledRejection', (error) =>
    logger.error('daemon', 'unhandled', { error: describeError(error) }),
  );
  const disposables = new DisposableStore();
  // Built by the first client, so after the lock is taken: two daemons never open the database at the same time.
  let services: SessionServices | undefined;
  try {
    const daemon = await startDaemonServer({
      socketPath: socket,
      lockPath,
      graceMs,
      clock,
      logger,
      serve: (stream, server) =>
        serveClient(stream, server, (services ??= buildServices(logger, settings, disposables))),
    });
    if (daemon === undefined) return false;
    interrupt.signal.addEventListener('abort', () => daemon.end('signal'));
    await daemon.ended;
    return true;
  } finally {
    disposables.dispose();
  }
}

function buildServices(
  logger: Logger,
  settings: MachineSettings,
  disposables: DisposableStore,
): SessionServices {
  const record = disposables.add(openRecord({ path: groundPath, clock, logger }));
  const { gpu, threads, maxPromptTokens, maxNewTokens } = settings.value;
  const contextTokens = maxPromptTokens + maxNewTokens;
  const engine = disposables.add(
    createEngine(logger, { gpu: gpu === 'off' ? 'off' : 'auto', threads, contextTokens }),
  );
  const consents = record.consents;
  const supply = disposables.add(
    new BaseModelSupply({ engine, modelsDir: folders.models, logger, consents }),
  );
  const indexProcess = disposables.add(new IndexProcess({ clock, logger }));
  const indexPath = (repoId: string, root: string) => indexPathOf(folders.cache, repoId, root);
  const indexes = disposables.add(new LiveIndexes({ process: indexProcess, logger, indexPath }));
  const router = createServedRouter(engine, settings, logger);
  const status = disposables.add(new StatusBoard(engine, supply, record));
  disposables.add(
    settings.onChange((value) => {
      const isUnloaded = engine.reconfigure({
        gpu: value.gpu === 'off' ? 'off' : 'auto',
        threads: value.threads,
        contextTokens: value.maxPromptTokens + value.maxNewTokens,
      });
      record.retain(value['signals.retentionDays']);
      supply.want(env['IDIOM_BASE_MODEL'] ?? value.baseModel, value.downloads as DownloadsSetting);
      if (isUnloaded) supply.retry('other settings');
    }),
  );
  return {
    version,
    logFile: logPath,
    logger,
    clock,
    status,
    createRecorder: (policy) => record.createRecorder(policy, () => baseModelDigest(engine)),
    createCompleter: (retriever) =>
      createCompleter(engine, logger, {
        retriever,
        router,
      }),
    indexes,
    useSettings: (value) => settings.set(value),
    answerConsent: (ref, answer) => supply.answer(ref, answer),
    reloadBaseModel: () => supply.retry('asked'),
    examine: async () => ({
      checks: [
        ...(await examine({ folders, groundPath, baseModel: () => describeSupply(engine, supply) })),
        ...checkIndexes(indexes.all, clock.nowMs()),
      ],
    }),
  };
}

function createServedRouter(engine: Engine, settings: MachineSettings, logger: Logger): Router {
  const taskAdapterOf = createTaskAdapters(join(mediaDir, 'taskAdapter'), (error) =>
    logger.error('model', 'no task adapter', { error: describeError(error) }),
  );
  return createRouter({
    clock,
    budgetMs: () => settings.value.latencyBudgetMs,
    candidatesOf: () => ({ task: servedAdapter(engine, taskAdapterOf), isCanaryDay: false, languages: [] }),
  });
}

function servedAdapter(
  engine: Engine,
  taskAdapterOf: (baseDigest: string) => StoredAdapter | undefined,
): AdapterFile | undefined {
  const { state } = engine;
  const task = state.kind === 'ready' ? taskAdapterOf(state.info.digest) : undefined;
  return task === undefined ? undefined : { digest: task.digest, path: task.ggufPath };
}

function baseModelDigest(engine: Engine): string {
  return engine.state.kind === 'ready' ? engine.state.info.digest : 'none';
}

function createContext(folder: string): CliContext {
  return {
    version,
    env,
    folders,
    groundPath,
    modelsDir: folders.models,
    mediaDir,
    socketPath: socket,
    lockPath,
    logger: silentLogger,
    repo: () => findRepo(resolve(folder)),
    write: (line) => void process.stdout.write(`${line}\n`),
    remark: (line) => void process.stderr.write(`${line}\n`),
    nowMs: () => clock.nowMs(),
    openSuggester,
    checkBaseModel,
    runDaemon,
    confirm,
    signal: interrupt.signal,
  };
}

async function confirm(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: interrupt.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

async function findRepo(folder: string): Promise<CliRepo> {
  const found = await openRepository(folder);
  if (found !== undefined) return { repoId: found.repoId, root: found.root, name: found.name };
  return { repoId: folderId(folder), root: folder, name: basename(folder) };
}

function readVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** Of the package that this file belongs to: the checkout, or the extension with its `dist/`. */
function packageRoot(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..');
}

// Whoever read the output has seen enough, as `| head` does.
process.stdout.on('error', () => interrupt.abort());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
process.exitCode = await runProgram(process.argv.slice(2), createContext);
