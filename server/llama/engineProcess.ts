/** The engine as the daemon sees it: owns the child, restarts it, and queues requests. Knows no llama.cpp. */

import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type {
  AdapterFile,
  BaseModelInfo,
  EngineState,
  GenerateRequest,
  GenerateResult,
  PrefillRequest,
  ScoreRequest,
  ScoringEngine,
} from './engine.ts';
import { createCrashedLoads } from './crashedLoads.ts';
import type { CrashedLoads } from './crashedLoads.ts';
import { startEngineChild } from './engineChannel.ts';
import type { EngineChannel, StartEngineChannel } from './engineChannel.ts';
import type { EnginePace } from './enginePace.ts';
import { EngineRequests } from './engineRequests.ts';
import type { EngineCounters } from './engineRequests.ts';
import type { FromEngine, LoadedModel, LoadOptions } from './engineMessages.ts';
import { LaterCheck } from './laterCheck.ts';
import { PaceKeeper } from './paceKeeper.ts';
import { inspectModel } from './inspectModel.ts';
import type { InspectedModel } from './inspectModel.ts';

export interface EngineProcessOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gpu: 'auto' | 'off';
  /** 0: the physical cores, at most 8. */
  readonly threads: number;
  /** Longest prompt plus new text of a request, in tokens. */
  readonly contextTokens: number;
  /** Default 4: a short and a long prompt of two files, without evicting one another. */
  readonly nSlots?: number;
  /** Default 2: contexts with an adapter kept beside the base one. */
  readonly nAdapterContexts?: number;
  /** Derived state: copies of the base model with an adapter merged in. Undefined: none are made. */
  readonly mergedFolder?: string;
  /** Derived state: the pace that was measured. Undefined: none is remembered. */
  readonly paceFile?: string;
  /** They are made when nothing was asked for so long. Default: longer than a developer's pauses of thinking. */
  readonly mergeAfterMs?: number;
  /** Model files that killed an engine before. Default: those of this object. */
  readonly crashedLoads?: CrashedLoads;
  /** For tests. */
  readonly startChild?: StartEngineChannel;
  /** For tests. */
  readonly inspect?: (path: string) => Promise<InspectedModel>;
}

const minBackOffMs = 500;
const maxBackOffMs = 30_000;
/** A child that lived this long has recovered: the next crash starts at the shortest wait again. */
const healthyAfterMs = 60_000;
const maxLoadCrashes = 3;

/** A model that is wanted, with the attempts made to load it. */
interface Goal {
  readonly path: string;
  readonly promise: Promise<BaseModelInfo>;
  readonly resolve: (info: BaseModelInfo) => void;
  readonly reject: (error: unknown) => void;
  model: InspectedModel | undefined;
  nLoadCrashes: number;
}

export class EngineProcess implements ScoringEngine {
  #options: EngineProcessOptions;
  readonly #crashedLoads: CrashedLoads;
  readonly #states = new Emitter<EngineState>();
  readonly #requests: EngineRequests;
  readonly #pace: PaceKeeper;
  readonly #later: LaterCheck;
  #state: EngineState = { kind: 'stopped' };
  #failure: IdiomError | undefined;
  #goal: Goal | undefined;
  #channel: EngineChannel | undefined;
  #timer: Disposable | undefined;
  #backOffMs = minBackOffMs;
  #isDisposed = false;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#crashedLoads = options.crashedLoads ?? createCrashedLoads(undefined, '');
    this.#pace = new PaceKeeper(options.clock, options.paceFile);
    this.#requests = new EngineRequests({
      clock: options.clock,
      onGenerated: (value) => this.#pace.note(value),
      send: (message) => this.#channel?.send(message),
      onHung: () => this.#replaceHungChild(),
    });
    this.#later = new LaterCheck(options.clock, () => this.counters.nRequests);
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Sums over all requests so far, the aborted ones included. */
  get counters(): EngineCounters {
    return this.#requests.counters;
  }

  get pace(): EnginePace | undefined {
    return this.#pace.pace;
  }

  /** Process id of the child, for diagnosis and tests. */
  get childPid(): number | undefined {
    return this.#channel?.pid;
  }

  onState(listener: (state: EngineState) => void): Disposable {
    return this.#states.on(listener);
  }

  load(path: string): Promise<BaseModelInfo> {
    if (this.#isDisposed) return Promise.reject(new IdiomError('engineFailed', 'The engine was stopped.'));
    if (this.#goal?.path === path && this.#state.kind !== 'failed') return this.#goal.promise;
    this.#stopChild(`The base model was replaced by ${path}.`);
    const goal = createGoal(path);
    this.#goal = goal;
    this.#backOffMs = minBackOffMs;
    this.#setState({ kind: 'loading', progress: 0 });
    void this.#inspectAndStart(goal);
    return goal.promise;
  }

  /** Takes over other settings of the machine. True: what was loaded was unloaded, and is to be loaded again. */
  reconfigure(changes: Pick<EngineProcessOptions, 'gpu' | 'threads' | 'contextTokens'>): boolean {
    const { gpu, threads, contextTokens } = this.#options;
    if (gpu === changes.gpu && threads === changes.threads && contextTokens === changes.contextTokens)
      return false;
    this.#options = { ...this.#options, ...changes };
    if (this.#goal === undefined) return false;
    this.#stopChild('The engine starts again with other settings.');
    this.#setState({ kind: 'stopped' });
    return true;
  }

  async ready(signal: AbortSignal): Promise<BaseModelInfo> {
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const goal = this.#goal;
    if (goal === undefined) throw new IdiomError('engineFailed', 'No base model was chosen yet.');
    if (this.#state.kind === 'ready') return this.#state.info;
    const { promise, resolve, reject } = Promise.withResolvers<BaseModelInfo>();
    const subscriptions = [
      this.onState((state) => {
        if (state.kind === 'ready') resolve(state.info);
        else if (state.kind === 'failed') reject(this.#failure);
        else if (state.kind === 'stopped') reject(new IdiomError('engineFailed', 'The engine was stopped.'));
      }),
      onAbort(signal, () => reject(signal.reason)),
    ];
    try {
      return await promise;
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
    }
  }

  async tokenize(texts: readonly string[]): Promise<number[][]> {
    this.#requireReady();
    const reply = await this.#requests.ask((id) => ({ type: 'tokenize', id, texts: [...texts] }));
    return reply.type === 'tokenized' ? reply.value : unexpected(reply);
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    this.#requireReady();
    const reply = await this.#requests.ask((id) => ({ type: 'detokenize', id, tokens: [...tokens] }));
    return reply.type === 'detokenized' ? reply.value : unexpected(reply);
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult> {
    signal.throwIfAborted();
    this.#requireReady();
    return this.#requests.generate(request, signal);
  }

  async prefill(request: PrefillRequest, signal: AbortSignal): Promise<'done' | 'interrupted'> {
    const { stopReason } = await this.generate(
      { ...request, maxNewTokens: 0, stopTokens: [], stopTexts: [] },
      signal,
    );
    return stopReason === 'aborted' ? 'interrupted' : 'done';
  }

  async heldTokens(
    prompts: readonly (readonly number[])[],
    adapter: AdapterFile | undefined,
  ): Promise<number[]> {
    this.#requireReady();
    const reply = await this.#requests.ask((id) => ({
      ...{ type: 'held', id, prompts: prompts.map((tokens) => [...tokens]) },
      ...(adapter === undefined ? {} : { adapter }),
    }));
    return reply.type === 'heldTokens' ? reply.value : unexpected(reply);
  }

  async score({ tokens, from, adapter }: ScoreRequest, signal: AbortSignal): Promise<number[]> {
    signal.throwIfAborted();
    this.#requireReady();
    let requestId = 0;
    const reply = this.#requests.ask((id) => {
      requestId = id;
      return { type: 'score', id, tokens: [...tokens], from, ...(adapter === undefined ? {} : { adapter }) };
    });
    const subscription = onAbort(signal, () => this.#channel?.send({ type: 'cancel', id: requestId }));
    try {
      const scored = await reply;
      signal.throwIfAborted();
      return scored.type === 'scored' ? scored.value : unexpected(scored);
    } finally {
      subscription.dispose();
    }
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#pace.dispose();
    this.#stopChild('The engine was stopped.');
    this.#setState({ kind: 'stopped' });
  }

  async #inspectAndStart(goal: Goal): Promise<void> {
    try {
      const crash = this.#crashedLoads.reasonOf(goal.path);
      if (crash !== undefined) throw killer(goal.path, crash);
      const inspect = this.#options.inspect ?? inspectModel;
      goal.model = await inspect(goal.path);
      if (this.#goal === goal && !this.#isDisposed) this.#start(goal, goal.model);
    } catch (error) {
      if (this.#goal === goal) this.#fail(goal, error);
    }
  }

  #start(goal: Goal, model: InspectedModel): void {
    const { clock, logger, startChild = startEngineChild } = this.#options;
    let isReady = false;
    const channel = startChild({
      onMessage: (message) => {
        if (message.type === 'progress') this.#setState({ kind: 'loading', progress: message.progress });
        else if (message.type === 'log') logger[message.level]('engine', message.message);
        else this.#requests.receive(message);
      },
      onExit: (reason, isFault) => {
        if (this.#channel !== channel) return;
        if (!isReady) goal.nLoadCrashes++;
        if (!isReady && isFault && this.#usedGpu(goal) === 'off') {
          this.#crashedLoads.note(goal.path, reason);
          const error = killer(goal.path, reason);
          this.#fail(goal, error);
          return this.#requests.rejectAll(error);
        }
        this.#recover(isReady ? this.#renew(goal) : goal, model, reason);
      },
    });
    this.#channel = channel;
    this.#setState({ kind: 'loading', progress: 0 });
    const options = this.#loadOptions(goal, model);
    this.#requests
      .ask((id) => ({ type: 'load', id, ...options }))
      .then(async (reply) => {
        const digest = await model.digest;
        await this.#pace.use(`${digest} ${reply.type === 'loaded' ? reply.value.device : ''}`);
        if (this.#channel !== channel || reply.type !== 'loaded') return;
        isReady = true;
        goal.nLoadCrashes = 0;
        this.#timer?.dispose();
        this.#timer = clock.setTimer(healthyAfterMs, () => (this.#backOffMs = minBackOffMs));
        const info = describeLoaded(goal.path, { ...model, digest }, reply.value);
        const digestFrom = model.verify === undefined ? 'file' : 'record';
        logger.info('engine', 'ready', { name: info.name, device: info.device, digestFrom });
        goal.resolve(info);
        this.#setState({ kind: 'ready', info });
        this.#later.begin(() => this.#verify(goal.path, model));
      })
      .catch((error: unknown) => {
        // Death of the child rejects this as well; then onExit decides.
        if (this.#channel === channel && this.#state.kind === 'loading') this.#fail(goal, error);
        else logger.warn('engine', 'load ended', { error: describeError(error) });
      });
  }

  /** A digest that was believed is held against the file once nobody waits for anything. */
  async #verify(path: string, model: InspectedModel): Promise<void> {
    const { logger } = this.#options;
    if (model.verify === undefined || this.#state.kind !== 'ready') return;
    const found = await model.verify().catch(() => 'unreadable' as const);
    logger.info('engine', 'model file read', { path, found });
    const goal = this.#goal;
    if (found === 'damaged' && goal?.model === model && this.#state.kind === 'ready') {
      const error = damaged(path);
      this.#fail(goal, error);
      this.#requests.rejectAll(error);
    }
  }

  #loadOptions(goal: Goal, model: InspectedModel): LoadOptions {
    const { gpu, threads, contextTokens, nSlots = 4, nAdapterContexts = 2 } = this.#options;
    const { mergedFolder, mergeAfterMs } = this.#options;
    return {
      path: goal.path,
      modelBytes: model.sizeBytes,
      kvBytesPerToken: model.description.kvBytesPerToken,
      gpu: goal.nLoadCrashes > 0 ? 'off' : gpu,
      threads,
      contextTokens,
      nSlots,
      nAdapterContexts,
      ...(mergedFolder === undefined ? {} : { mergedFolder }),
      ...(mergeAfterMs === undefined ? {} : { mergeAfterMs }),
    };
  }

  /** Of the child that has died: a driver that crashed it may do so again, so that it is asked once. */
  #usedGpu({ nLoadCrashes }: Goal): 'auto' | 'off' {
    return nLoadCrashes > 1 ? 'off' : this.#options.gpu;
  }

  #replaceHungChild(): void {
    if (this.#goal?.model === undefined || this.#channel === undefined) return;
    this.#channel.dispose();
    this.#recover(this.#renew(this.#goal), this.#goal.model, 'it did not react for a minute');
  }

  /** The same model is to be loaded once more: who asks for it from now on waits for that. */
  #renew(goal: Goal): Goal {
    const renewed = createGoal(goal.path);
    renewed.model = goal.model;
    this.#goal = renewed;
    return renewed;
  }

  #recover(goal: Goal, model: InspectedModel, reason: string): void {
    const { clock, logger } = this.#options;
    this.#channel = undefined;
    this.#timer?.dispose();
    if (goal.nLoadCrashes >= maxLoadCrashes) {
      const message = `The engine died ${maxLoadCrashes} times while loading ${goal.path}: ${reason}.`;
      this.#fail(goal, new IdiomError('engineFailed', message, { remedy: loadCrashRemedy }));
    } else {
      const retryInMs = this.#backOffMs;
      this.#backOffMs = Math.min(maxBackOffMs, retryInMs * 2);
      logger.warn('engine', 'died', { reason, retryInMs });
      this.#setState({ kind: 'restarting', reason: `The engine stopped: ${reason}.`, retryInMs });
      this.#timer = clock.setTimer(retryInMs, () => this.#start(goal, model));
    }
    this.#requests.rejectAll(new IdiomError('engineFailed', `The engine stopped: ${reason}.`));
  }

  #fail(goal: Goal, error: unknown): void {
    const known =
      error instanceof IdiomError
        ? error
        : new IdiomError('engineFailed', `The engine failed: ${describeError(error)}.`, { cause: error });
    this.#channel?.dispose();
    this.#channel = undefined;
    this.#failure = known;
    this.#options.logger.error('engine', 'failed', { code: known.code, reason: known.message });
    this.#setState({ kind: 'failed', code: known.code, reason: known.message, remedy: known.remedy });
    goal.reject(known);
  }

  #stopChild(why: string): void {
    const error = new IdiomError('engineFailed', why);
    this.#later.dispose();
    this.#timer?.dispose();
    this.#channel?.dispose();
    this.#channel = undefined;
    this.#goal?.reject(error);
    this.#goal = undefined;
    this.#failure = undefined;
    this.#requests.rejectAll(error);
  }

  #requireReady(): void {
    if (this.#state.kind === 'ready') return;
    throw this.#failure ?? new IdiomError('engineFailed', `The engine is ${this.#state.kind}.`);
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#states.fire(state);
  }
}

function damaged(path: string): IdiomError {
  const message = `The base model ${path} is damaged: its contents have changed, though no program has written to it.`;
  return new IdiomError('modelBroken', message, {
    remedy: 'Delete it and download it again, or run "Idiom: Restart Engine" to use it as it is.',
  });
}

function killer(path: string, reason: string): IdiomError {
  const message = `The engine died while loading ${path}: ${reason}. The file is broken or not supported, so it is not loaded again until it changes.`;
  return new IdiomError('modelBroken', message, {
    remedy: 'Download it again, or choose another one in the setting idiom.baseModel.',
  });
}

const loadCrashRemedy =
  'Choose a smaller base model in the setting idiom.baseModel, or set idiom.gpu to "off"; `idiom doctor` tells more.';

function createGoal(path: string): Goal {
  const goal = { path, model: undefined, nLoadCrashes: 0, ...Promise.withResolvers<BaseModelInfo>() };
  // Who called load() gets the error; who did not wait for it learns it from the state.
  goal.promise.catch(() => undefined);
  return goal;
}

type WithDigest = Omit<InspectedModel, 'digest'> & { readonly digest: string };

function describeLoaded(path: string, model: WithDigest, loaded: LoadedModel): BaseModelInfo {
  const { name, sizeBytes, digest } = model;
  return { ...loaded, path, digest, sizeBytes, name: loaded.name === '' ? name : loaded.name };
}

function unexpected(reply: FromEngine): never {
  throw new IdiomError('internal', `The engine answered with "${reply.type}".`);
}
