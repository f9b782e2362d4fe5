/** Builds every object by hand, in order, and nothing else: a command of the CLI, or the daemon. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { socketPath } from '../protocol/socketPath.ts';
import { defaultSettings } from '../protocol/settings.ts';
import type { Settings } from '../protocol/settings.ts';
import { systemClock } from './base/clock.ts';
import { createDigestRecord } from './base/digestRecord.ts';
import { DisposableStore, toDisposable } from './base/disposable.ts';
import { describeError, IdiomError } from './base/errors.ts';
import { homeFolders } from './base/homeFolders.ts';
import { LogFile } from './base/logFile.ts';
import { createLogger, silentLogger } from './base/logger.ts';
import type { Logger, LogLevel } from './base/logger.ts';
import { askOnTerminal } from './cli/askOnTerminal.ts';
import type { CliContext, CliRepo, OwnSuggester, SuggesterWish } from './cli/cliContext.ts';
import { findRepo } from './cli/findRepo.ts';
import type { FoundRepo } from './cli/findRepo.ts';
import { runProgram } from './cli/runProgram.ts';
import { indexPathOf } from './cli/indexCommand.ts';
import { showProgress } from './cli/showProgress.ts';
import type { Progress } from './cli/showProgress.ts';
import { createRouter } from './completion/adaptiveRouter.ts';
import { Completer } from './completion/completer.ts';
import type { CompleterProps } from './completion/completer.ts';
import { fixedRouter } from './completion/route.ts';
import type { Router } from './completion/route.ts';
import type { Check } from './doctor/examine.ts';
import { examine } from './doctor/examine.ts';
import { openRepository, tryRepository } from './git/repository.ts';
import type { Repository } from './git/repository.ts';
import { LiveLoops } from './learning/liveLoops.ts';
import { LearningLoop } from './learning/loop.ts';
import { readLoopOptions } from './learning/loopOptions.ts';
import type { LoopOptions } from './learning/loopOptions.ts';
import { Machine } from './learning/machine.ts';
import { readPower, systemPower } from './learning/power.ts';
import { createRepositoryWork } from './learning/repositoryWork.ts';
import { createServedVersions } from './learning/servedVersions.ts';
import { startUpkeep } from './learning/startUpkeep.ts';
import { adaptersFolder } from './learning/trainRepository.ts';
import { createCrashedLoads } from './llama/crashedLoads.ts';
import { BaseModelSupply } from './llama/baseModelSupply.ts';
import type { AdapterFile, BaseModelInfo, Engine } from './llama/engine.ts';
import { EngineProcess } from './llama/engineProcess.ts';
import type { EngineProcessOptions } from './llama/engineProcess.ts';
import { RememberedProbe } from './llama/probeMachine.ts';
import { inspectModel } from './llama/inspectModel.ts';
import { resolveBaseModel } from './llama/resolveBaseModel.ts';
import type { DownloadsSetting } from './llama/resolveBaseModel.ts';
import { serveClient } from './lsp/clientSession.ts';
import type { SessionServices } from './lsp/clientSession.ts';
import { startDaemonServer } from './lsp/daemonServer.ts';
import { checkIndexes } from './lsp/indexReport.ts';
import { createLearningServices } from './lsp/learningServices.ts';
import type { LearningServices } from './lsp/learningServices.ts';
import { LiveIndexes } from './lsp/liveIndexes.ts';
import { toLoopSettings } from './lsp/loopSettingsOf.ts';
import { MachineSettings } from './lsp/machineSettings.ts';
import { openRecord } from './lsp/openRecord.ts';
import type { OutcomeRecord } from './lsp/openRecord.ts';
import { describeSupply, StatusBoard } from './lsp/statusBoard.ts';
import { mergedFolder } from './llama/mergedCopies.ts';
import { createAdapterRegistry } from './registry/adapterRegistry.ts';
import type { AdapterRegistry } from './registry/adapterRegistry.ts';
import { createAdapterServer } from './registry/serveAdapter.ts';
import type { AdapterServer } from './registry/serveAdapter.ts';
import { createTaskAdapters } from './registry/taskAdapter.ts';
import { reconcile } from './registry/tidyAdapters.ts';
import { IndexProcess } from './retrieval/indexProcess.ts';
import { OwnRetriever } from './retrieval/ownRetriever.ts';
import { noRetrieval } from './retrieval/snippet.ts';
import type { Ground } from './store/ground.ts';
import { acquireLock } from './store/lock.ts';

const graceMs = 30_000;
const maxLogBytes = 5_000_000;
const nOlderLogs = 3;
/** Nobody waits at a keyboard for a batch. */
const maxBatchWaitMs = 600_000;
/** Where short prompts are so many times too late, an adapter or retrieval is left out. */
const lateFactor = 4;

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
const processPath = join(dirname(lockPath), 'daemon.json');
const interrupt = new AbortController();
/** What the command was about, once it has asked. */
let repo: FoundRepo | undefined;

type TaskAdapterOf = ReturnType<typeof createTaskAdapters>;

const crashedLoads = createCrashedLoads(join(folders.cache, 'crashedLoads.json'), version);

const digests = createDigestRecord(join(folders.cache, 'digests.json'));
const probe = new RememberedProbe({ path: join(folders.cache, 'machine.json'), version, clock });
const inspect = (path: string) => inspectModel(path, digests);

const createEngine = (logger: Logger, options: Omit<EngineProcessOptions, 'clock' | 'logger'>) =>
  new EngineProcess({ clock, logger, crashedLoads, inspect, ...options });

function createCompleter(
  engine: Engine,
  logger: Logger,
  options: Pick<CompleterProps, 'retriever' | 'router' | 'maxWaitMs' | 'targetMs'>,
): Completer {
  return new Completer({ ...options, engine, clock, logger, newId: randomUUID });
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
    repository: (await tryRepository(repo.root)).repository,
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
      processPath,
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
    createEngine(logger, {
      gpu: gpu === 'off' ? 'off' : 'auto',
      ...{ threads, contextTokens },
      mergedFolder: mergedFolder(folders.cache),
      paceFile: join(folders.cache, 'pace.json'),
    }),
  );
  const consents = record.consents;
  const supply = disposables.add(
    new BaseModelSupply({ engine, modelsDir: folders.models, logger, consents, probe }),
  );
  const indexProcess = disposables.add(new IndexProcess({ clock, logger }));
  const indexPath = (repoId: string, root: string) => indexPathOf(folders.cache, repoId, root);
  const indexes = disposables.add(new LiveIndexes({ process: indexProcess, logger, indexPath }));
  const status = disposables.add(new StatusBoard(engine, supply, record));
  const machine = disposables.add(createMachine());
  const taskAdapterOf = createTaskAdapters(mediaDir, (error) =>
    logger.error('model', 'no task adapter', { error: describeError(error) }),
  );
  const learning = openLearning({ record, engine, machine, settings, taskAdapterOf, logger, disposables });
  disposables.add(settings.onChange((value) => obeySettings(value, engine, supply, record)));
  return {
    version,
    logFile: logPath,
    logger,
    clock,
    status: createStatus(status, machine),
    learning,
    choices: record.choices,
    identify: (sighting, isTrusted) => record.identify(sighting, isTrusted),
    noteActivity: () => machine.noteActivity(),
    folders,
    createRecorder: (policy) => record.createRecorder(policy, () => baseModelDigest(engine)),
    createCompleter: (retriever, repoIdOf) =>
      createCompleter(engine, logger, {
        retriever,
        router: createServedRouter({ engine, settings, taskAdapterOf, learning }, repoIdOf),
        targetMs: () => settings.value.latencyBudgetMs,
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

function obeySettings(
  value: Settings,
  engine: EngineProcess,
  supply: BaseModelSupply,
  record: OutcomeRecord,
): void {
  const isUnloaded = engine.reconfigure({
    gpu: value.gpu === 'off' ? 'off' : 'auto',
    threads: value.threads,
    contextTokens: value.maxPromptTokens + value.maxNewTokens,
  });
  record.retain(value['signals.retentionDays']);
  supply.want(env['IDIOM_BASE_MODEL'] ?? value.baseModel, value.downloads as DownloadsSetting);
  if (isUnloaded) supply.retry('other settings');
}

/** Whoever shows that it thinks has a suggestion computed, which trainings give way to. */
function createStatus(status: StatusBoard, machine: Machine): SessionServices['status'] {
  return {
    get status() {
      return status.status;
    },
    onChange: (listener) => status.onChange(listener),
    think: () => {
      const ends = [status.think(), machine.complete()];
      return toDisposable(() => ends.forEach((end) => end.dispose()));
    },
  };
}

function createServedRouter(
  parts: {
    readonly engine: Engine;
    readonly settings: MachineSettings;
    readonly taskAdapterOf: TaskAdapterOf;
    readonly learning: LearningServices | string;
  },
  repoIdOf: (uri: string) => string | undefined,
): Router {
  const { engine, settings, taskAdapterOf, learning } = parts;
  return createRouter({
    clock,
    budgetMs: () => lateFactor * settings.value.latencyBudgetMs,
    candidatesOf: ({ uri }) =>
      typeof learning === 'string'
        ? { task: taskFile(engine, taskAdapterOf), isCanaryDay: false, languages: [] }
        : learning.candidatesOf(repoIdOf(uri)),
  });
}

function taskFile(engine: Engine, taskAdapterOf: TaskAdapterOf): AdapterFile | undefined {
  const { state } = engine;
  const task = state.kind === 'ready' ? taskAdapterOf(state.info.digest) : undefined;
  return task === undefined ? undefined : { digest: task.digest, path: task.ggufPath };
}

function createMachine(): Machine {
  return new Machine({
    clock,
    readPower: () => readPower(systemPower),
    takeLock: () => acquireLock(join(folders.data, 'training.lock')),
  });
}

interface LearningParts {
  readonly record: OutcomeRecord;
  readonly engine: EngineProcess;
  readonly machine: Machine;
  readonly settings: MachineSettings;
  readonly taskAdapterOf: TaskAdapterOf;
  readonly logger: Logger;
  readonly disposables: DisposableStore;
}

/** Or a sentence on why nothing can be learned. */
function openLearning(parts: LearningParts): LearningServices | string {
  const { record, engine, machine, settings, taskAdapterOf, logger, disposables } = parts;
  const { ground } = record;
  if (ground === undefined) return record.problem ?? 'Nothing is recorded.';
  try {
    const options = readLoopOptions(join(folders.data, 'learning.json'));
    const place = { ground, adaptersFolder: adaptersFolder(folders.data), taskAdapterOf };
    const registry = createAdapterRegistry({ ...place, clock });
    for (const problem of reconcile(registry).broken) logger.warn('learning', 'adapter', { problem });
    const adapters = createAdapterServer(place);
    const served = createServedVersions(registry, adapters);
    const loops = disposables.add(
      new LiveLoops({
        ...{ engine, logger, open: openRepository },
        create: (repository, info, settingGlobs) =>
          createLoop({ ...parts, ground, registry, adapters, options }, repository, info, settingGlobs),
      }),
    );
    disposables.add(
      startUpkeep({
        ...{ ground, registry, folders, clock, logger, whenQuiet: (signal) => machine.whenQuiet(signal) },
        retentionDays: () => settings.value['signals.retentionDays'],
        tellLoop: (repoId, ...told) => loops.of(repoId)?.forgotten(...told),
      }),
    );
    loops.onChange((_repoId, change) => change === 'state' && served.refresh());
    const loopSettings = () => toLoopSettings(settings.value);
    return createLearningServices({
      ...{ engine, loops, ground, registry, served, rules: options.canary, settings: loopSettings },
    });
  } catch (error) {
    logger.error('learning', 'not opened', { error: describeError(error) });
    return `Nothing is learned: ${describeError(error)}`;
  }
}

function createLoop(
  parts: LearningParts & {
    readonly ground: Ground;
    readonly registry: AdapterRegistry;
    readonly adapters: AdapterServer;
    readonly options: LoopOptions;
  },
  repository: Repository,
  info: BaseModelInfo,
  settingGlobs: () => readonly string[],
): LearningLoop {
  const { ground, registry, machine, engine, logger, settings, options } = parts;
  const key = { repoId: repository.repoId, baseDigest: info.digest };
  const work = createRepositoryWork({
    ...{ ...parts, key, repository, info, settingGlobs, folders, clock },
    mediaFolder: mediaDir,
    maxPromptTokens: () => settings.value.maxPromptTokens,
    idiomVersion: version,
  });
  return new LearningLoop({
    ...{ key, name: repository.name, registry, machine, clock, logger, work },
    ...{ loopStates: ground.loopStates, shadowScores: ground.shadowScores },
    newId: randomUUID,
    settings: () => toLoopSettings(settings.value),
    unable: () => (engine.state.kind === 'ready' ? undefined : 'The base model is not loaded.'),
    rules: options.canary,
  });
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
    processPath,
    logger: silentLogger,
    repo: async () => (repo = await findRepo(resolve(folder), groundPath, clock)),
    write: (line) => void process.stdout.write(`${line}\n`),
    remark: (line) => void process.stderr.write(`${line}\n`),
    nowMs: () => clock.nowMs(),
    clock,
    openSuggester,
    checkBaseModel,
    runDaemon,
    confirm: (question) => askOnTerminal(question, interrupt.signal),
    signal: interrupt.signal,
  };
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
// A command that made the record is the first that can remember what it was about.
if (repo?.isRemembered === false) await findRepo(repo.root, groundPath, clock);
