/** Answers suggestion requests: refuse early, remember, reuse what runs, wait for the typist, then ask the model. */

import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, isAbort } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { BaseModelInfo, Engine } from '../llama/engine.ts';
import { createCachingTokenizer } from '../prompt/cachingTokenizer.ts';
import type { Tokenizer } from '../prompt/promptParts.ts';
import type { Retriever } from '../retrieval/snippet.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import { answerFromCache, emptyLatency } from './answerFromCache.ts';
import { chooseShape, linesWanted } from './chooseShape.ts';
import { debounceMs } from './debounce.ts';
import type { DraftPromptProps } from './draftPrompt.ts';
import { generateDraft } from './generateDraft.ts';
import type { DraftResult } from './generateDraft.ts';
import { SnippetKeeper } from './keepSnippets.ts';
import { nextState } from './nextState.ts';
import type { NoneReason } from './noneReason.ts';
import { PromptSizer } from './promptSizer.ts';
import { contextAfter, readContext } from './readContext.ts';
import type { PromptContext } from './readContext.ts';
import { refuseByContext, refuseBySettings } from './refuseEarly.ts';
import { formatRoute } from './route.ts';
import type { Route, Router } from './route.ts';
import { RunningGeneration } from './runningGeneration.ts';
import { SuggestionCache } from './suggestionCache.ts';
import type { CachedAnswer, CacheScope } from './suggestionCache.ts';
import type { LatencyMs, SuggestRequest, SuggestResult, Suggestion } from './suggestRequest.ts';
import { TypingPace } from './typingPace.ts';
import { warmPrompt } from './warmPrompt.ts';
import { widgetLead } from './widgetLead.ts';

export interface CompleterProps {
  readonly engine: Engine;
  readonly retriever: Retriever;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly cacheBytes?: number;
  /** An automatic request gives up after this long. */
  readonly maxWaitMs?: number;
  /**
   * From request to text: prompts are cut to what is read in this time. Undefined, for commands and measurements, or 0:
   * they are as long as the settings say, however long that takes.
   */
  readonly targetMs?: () => number;
}

const defaultCacheBytes = 2_000_000;
const defaultMaxWaitMs = 15_000;
/**
 * A client cancels one request and sends the next, an editor 50 ms after the key and later on a busy machine; what runs is
 * kept this long for it.
 */
const graceMs = 400;
/** A cursor that has not moved for so long rests. */
const restMs = 300;
const nRemembered = 8;

type RequestFacts = Omit<SuggestRequest, 'document' | 'offset'>;
interface Shown {
  readonly facts: RequestFacts;
  readonly context: PromptContext;
  readonly suggestion: Suggestion;
}
interface Asked {
  readonly request: SuggestRequest;
  /** As if the highlighted entry of the suggest widget had been accepted. */
  readonly context: PromptContext;
  /** What that entry puts in at the cursor; empty mostly. */
  readonly lead: string;
  readonly scope: CacheScope;
  readonly info: BaseModelInfo;
  readonly route: Route;
  readonly startMs: number;
}

export class Completer implements Disposable {
  readonly #props: CompleterProps;
  readonly #cache: SuggestionCache;
  readonly #keeper = new SnippetKeeper();
  readonly #pace = new TypingPace();
  /** The newest request of each document. */
  readonly #newest = new Map<string, AbortController>();
  readonly #running = new Map<string, RunningGeneration<DraftResult>>();
  /** The newest suggestions, oldest first, for what comes after an accept. */
  readonly #shown = new Map<string, Shown>();
  readonly #sizer: PromptSizer | undefined;
  /** Of the base model with this digest. */
  #tokenizer: { readonly digest: string; readonly tokenizer: Tokenizer } | undefined;
  #warming: AbortController | undefined;
  /** What was to be read ahead while the engine was not ready. */
  #unread: SuggestRequest | undefined;
  readonly #ready: Disposable;
  #rest: Disposable | undefined;
  #isDisposed = false;

  constructor(props: CompleterProps) {
    this.#props = props;
    this.#ready = props.engine.onState(({ kind }) => {
      const unread = this.#unread;
      if (kind === 'ready' && unread !== undefined) void this.warm(unread);
    });
    this.#sizer = props.targetMs === undefined ? undefined : new PromptSizer(props.targetMs);
    this.#cache = new SuggestionCache(props.cacheBytes ?? defaultCacheBytes);
  }

  /**
   * Never rejects. A newer request for the same document ends an older one at once with `superseded`.
   * When `signal` aborts, the answer is `aborted` at once and the engine stops within some milliseconds.
   */
  async suggest(request: SuggestRequest, signal: AbortSignal): Promise<SuggestResult> {
    const own = new AbortController();
    this.#newest.get(request.uri)?.abort();
    this.#newest.set(request.uri, own);
    this.#rest?.dispose();
    let result: SuggestResult;
    try {
      result = await this.#suggest(request, AbortSignal.any([signal, own.signal]));
      if (signal.aborted) result = none('aborted');
      else if (own.signal.aborted) result = none('superseded');
    } catch (error) {
      result = none(
        this.#explainFailure(error, { isAborted: signal.aborted, isSuperseded: own.signal.aborted }),
      );
    } finally {
      if (this.#newest.get(request.uri) === own) this.#newest.delete(request.uri);
    }
    this.#log(request, result);
    // The editor waits for the answer, not for what is read for the next one.
    if (this.#sizer !== undefined && !own.signal.aborted && !signal.aborted)
      this.#rest = this.#props.clock.setTimer(restMs, () => void this.warm(request));
    return result;
  }

  /**
   * Reads, with low priority, the prompt of what may be asked next with the cursor here. Resolves when that is done or given
   * up, which happens within a slice when something is asked for; never rejects.
   */
  async warm(request: SuggestRequest): Promise<void> {
    const { state } = this.#props.engine;
    this.#warming?.abort();
    this.#unread = state.kind === 'ready' ? undefined : request;
    if (refuseBySettings(request) !== undefined || state.kind !== 'ready' || this.#isDisposed) return;
    const context = readContext(request);
    const isBusy = this.#running.get(request.uri)?.isOver === false;
    if (refuseByContext(context, request) !== undefined || isBusy) return;
    const { adapter } = this.#props.router.choose(request);
    const warming = (this.#warming = new AbortController());
    const shared = { ...this.#props, ...this.#promptParts(state.info) };
    try {
      await warmPrompt({ ...shared, adapter, request, context }, warming.signal);
    } catch (error) {
      if (!isAbort(error))
        this.#props.logger.debug('completion', 'not read ahead', { error: describeError(error) });
    }
  }

  /**
   * Computes, with low priority, what will be asked after the suggestion with this id is accepted, if it is one of the
   * newest. Resolves when that is done or given up; never rejects.
   */
  async prefetchAfterAccept(suggestionId: string): Promise<void> {
    const shown = this.#shown.get(suggestionId);
    const { state } = this.#props.engine;
    if (shown === undefined || state.kind !== 'ready' || this.#isDisposed) return;
    const context = nextState(shown.context, shown.suggestion, shown.facts.languageId);
    const route = this.#props.router.choose(shown.facts);
    const scope = scopeOf(shown.facts.uri, state.info, route);
    const isBusy = this.#running.get(shown.facts.uri)?.isOver === false;
    if (context === undefined || isBusy || this.#cache.find(scope, context) !== undefined) return;
    const facts: RequestFacts = { ...shown.facts, trigger: 'automatic' };
    const generation = this.#start({
      facts,
      context,
      scope,
      info: state.info,
      route,
      priority: 'background',
    });
    generation.letWrite();
    await generation.settled();
  }

  /** Forgets every stored suggestion. */
  clearCache(): void {
    this.#cache.clear();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#rest?.dispose();
    this.#ready.dispose();
    this.#warming?.abort();
    for (const controller of this.#newest.values()) controller.abort();
    for (const generation of this.#running.values()) generation.cancel();
    this.#running.clear();
    this.#shown.clear();
    this.#cache.clear();
  }

  async #suggest(request: SuggestRequest, signal: AbortSignal): Promise<SuggestResult> {
    if (request.trigger === 'automatic') this.#pace.noteRequest(this.#props.clock.monotonicMs());
    const refused = refuseBySettings(request);
    if (refused !== undefined) return none(refused);
    const typed = readContext(request);
    const refusedHere = refuseByContext(typed, request);
    if (refusedHere !== undefined) return none(refusedHere);
    const lead = widgetLead(request, typed.offset);
    if (lead === undefined) return none('suggestWidgetDisagrees');
    const context = lead === '' ? typed : contextAfter(typed, lead, 0);
    await this.#whileLoading(signal);
    const { state } = this.#props.engine;
    if (state.kind !== 'ready' || this.#isDisposed) return none('engineNotReady');
    const startMs = this.#props.clock.monotonicMs();
    const route = this.#props.router.choose(request);
    const scope = scopeOf(request.uri, state.info, route);
    return this.#answer({ request, context, lead, scope, info: state.info, route, startMs }, signal);
  }

  /** Who stopped typing before the model was there has the suggestion as soon as it is, without a further key. */
  async #whileLoading(signal: AbortSignal): Promise<void> {
    const { engine, clock, maxWaitMs = defaultMaxWaitMs } = this.#props;
    const isLoading = () => engine.state.kind === 'loading' || engine.state.kind === 'restarting';
    if (!isLoading()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits = [
      engine.onState(() => !isLoading() && resolve()),
      clock.setTimer(maxWaitMs, resolve),
      onAbort(signal, resolve),
    ];
    await promise;
    for (const wait of waits) wait.dispose();
    signal.throwIfAborted();
  }

  async #answer(asked: Asked, signal: AbortSignal): Promise<SuggestResult> {
    const { request, context, scope } = asked;
    const remembered = this.#remember(asked);
    if (remembered !== undefined) {
      const running = this.#running.get(request.uri);
      if (running?.priority === 'foreground') running.cancel();
      return remembered;
    }
    const waitMs = debounceMs({
      trigger: request.trigger,
      fixedMs: request.settings.debounceMs,
      typingIntervalMs: this.#pace.typingIntervalMs,
      modelMs: this.#pace.modelMs,
      linePrefix: context.linePrefix,
      lineSuffix: context.lineSuffix,
    });
    const running = this.#running.get(request.uri);
    const typed = running?.typedSince(scope, context);
    // One that only reads makes room: it would have to read what was typed anyway, and what it has read stays.
    if (running !== undefined && typed !== undefined && (typed === '' || running.isWriting)) {
      const wait = this.#letWriteAfter(running, waitMs);
      const end = await running.join(typed, signal).finally(() => wait.dispose());
      if (end.kind === 'left') return none('aborted');
      const reused = this.#remember(asked);
      if (reused !== undefined) return reused;
    }
    signal.throwIfAborted();
    return this.#generate(asked, waitMs, signal);
  }

  #letWriteAfter(generation: RunningGeneration<DraftResult>, waitMs: number): Disposable {
    if (waitMs > 0) return this.#props.clock.setTimer(waitMs, () => generation.letWrite());
    generation.letWrite();
    return toDisposable(() => undefined);
  }

  async #generate(asked: Asked, waitedMs: number, signal: AbortSignal): Promise<SuggestResult> {
    const { request, context, scope, info, route } = asked;
    const { clock, router, maxWaitMs = defaultMaxWaitMs } = this.#props;
    const generation = this.#start({ facts: request, context, scope, info, route, priority: 'foreground' });
    const wait = this.#letWriteAfter(generation, waitedMs);
    const limit = new AbortController();
    const timer = clock.setTimer(maxWaitMs, () => limit.abort());
    try {
      const end = await generation.join('', AbortSignal.any([signal, limit.signal]));
      if (end.kind === 'left') {
        if (limit.signal.aborted && !signal.aborted) {
          generation.cancel();
          router.note(route, maxWaitMs);
        }
        return none(limit.signal.aborted ? 'tooSlow' : 'aborted');
      }
      if (end.kind === 'failed') throw end.error;
      if (end.value.kind === 'none') return none(end.value.reason);
      const { latencyMs } = end.value;
      const totalMs = clock.monotonicMs() - asked.startMs;
      this.#pace.noteModelTime(totalMs - waitedMs);
      router.note(route, totalMs - waitedMs);
      return this.#finish(asked, toAnswer(end.value, context, 'request'), 'no', {
        ...latencyMs,
        debounce: waitedMs,
        total: totalMs,
      });
    } finally {
      timer.dispose();
      wait.dispose();
    }
  }

  /** Starts a generation for a document in place of the one that may run for it; its result goes to the cache. */
  #start(props: {
    readonly facts: RequestFacts;
    readonly context: PromptContext;
    readonly scope: CacheScope;
    readonly info: BaseModelInfo;
    readonly route: Route;
    readonly priority: 'foreground' | 'background';
  }): RunningGeneration<DraftResult> {
    const { facts, context, scope, route } = props;
    for (const [uri, other] of this.#running) if (uri === facts.uri || !other.isWanted) other.cancel();
    this.#warming?.abort();
    const shape = chooseShape(context, facts.languageId, linesWanted(facts));
    const generation = new RunningGeneration<DraftResult>({
      clock: this.#props.clock,
      scope,
      context,
      graceMs,
      priority: props.priority,
      run: async ({ onText, mayWrite }, signal) => {
        let isContradicted = false;
        const watch = (text: string): 'continue' | 'stop' => {
          isContradicted = onText(text) === 'stop';
          return isContradicted ? 'stop' : 'continue';
        };
        const request = { ...facts, useRetrieval: usesRetrieval(facts, route) };
        const shared = { ...this.#props, ...props, ...this.#promptParts(props.info) };
        const how = { adapter: route.adapter, shape, onText: watch, mayWrite };
        const result = await generateDraft({ ...shared, ...how, request }, signal);
        const answer = toAnswer(result, context, props.priority === 'background' ? 'prefetch' : 'request');
        if (!isContradicted && answer.noneReason !== 'aborted') this.#cache.put(scope, context, answer);
        return result;
      },
    });
    this.#running.set(facts.uri, generation);
    void generation.settled().then(() => {
      if (this.#running.get(facts.uri) === generation) this.#running.delete(facts.uri);
    });
    return generation;
  }

  #promptParts(info: BaseModelInfo): Pick<DraftPromptProps, 'info' | 'keeper' | 'sizer' | 'tokenizer'> {
    if (this.#tokenizer?.digest !== info.digest) {
      const tokenizer = createCachingTokenizer(this.#props.engine);
      this.#tokenizer = { digest: info.digest, tokenizer };
    }
    return { info, keeper: this.#keeper, sizer: this.#sizer, tokenizer: this.#tokenizer.tokenizer };
  }

  #remember(asked: Asked): SuggestResult | undefined {
    const hit = this.#cache.find(asked.scope, asked.context);
    if (hit === undefined) return undefined;
    const found = answerFromCache(hit, asked.context, asked.request, this.#props.logger);
    if (found === undefined || found.kind === 'none') return found;
    const totalMs = this.#props.clock.monotonicMs() - asked.startMs;
    return this.#finish(asked, found.answer, found.fromCache, { ...emptyLatency, total: totalMs });
  }

  #finish(
    asked: Asked,
    answer: CachedAnswer,
    fromCache: Suggestion['fromCache'],
    latencyMs: LatencyMs,
  ): SuggestResult {
    const { request, scope, lead } = asked;
    const text = lead + answer.text;
    const suggestion: Suggestion = {
      kind: 'suggestion',
      id: this.#props.newId(),
      text,
      replaceLength: answer.replaceLength,
      latencyMs,
      route: this.#describeRoute(asked, answer),
      adapter: scope.adapter,
      snippets: answer.snippets,
      isMultiline: text.includes('\n'),
      fromCache,
    };
    const { document: _document, offset: _offset, ...facts } = request;
    const context = lead === '' ? asked.context : readContext(request);
    this.#shown.set(suggestion.id, { facts, context, suggestion });
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= nRemembered) break;
      this.#shown.delete(oldest);
    }
    return suggestion;
  }

  #describeRoute({ request, route }: Asked, { shortenedTo }: CachedAnswer): string {
    const cut = `The prompt was cut to ${shortenedTo ?? 0} tokens, which this machine reads in time.`;
    const reason = shortenedTo === undefined ? route.reason : `${route.reason} ${cut}`;
    return formatRoute({ ...route, reason, useRetrieval: usesRetrieval(request, route) });
  }

  #explainFailure(
    error: unknown,
    { isAborted, isSuperseded }: { isAborted: boolean; isSuperseded: boolean },
  ): NoneReason {
    if (isAborted) return 'aborted';
    if (isSuperseded) return 'superseded';
    if (isAbort(error)) return 'aborted';
    this.#props.logger.warn('completion', 'a request failed', { error: describeError(error) });
    const { code } = error as { code?: unknown };
    return code === 'engineFailed' || code === 'adapterBroken' ? code : 'internal';
  }

  #log(request: SuggestRequest, result: SuggestResult): void {
    const where = { path: request.path, trigger: request.trigger };
    if (result.kind === 'none') {
      this.#props.logger.debug('completion', 'none', { ...where, reason: result.reason });
      return;
    }
    const { latencyMs, fromCache, adapter } = result;
    this.#props.logger.debug('completion', 'suggestion', { ...where, ...latencyMs, fromCache, adapter });
    this.#props.logger.trace('completion', 'text', async () => {
      const { document, offset, path } = request;
      const before = document.slice(Math.max(0, offset - maxLoggedContext), offset);
      const [, text] = await scrubParts([before, result.text], path);
      return { text };
    });
  }
}

/** Characters before the cursor that tell whether what follows is a secret. */
const maxLoggedContext = 1000;

const none = (reason: NoneReason): SuggestResult => ({ kind: 'none', reason });

function scopeOf(uri: string, info: BaseModelInfo, { adapter }: Route): CacheScope {
  return { uri, baseModelDigest: info.digest, adapter: adapter?.digest ?? 'base' };
}

function usesRetrieval(facts: Pick<SuggestRequest, 'useRetrieval'>, route: Route): boolean {
  return facts.useRetrieval !== false && route.useRetrieval;
}

function toAnswer(result: DraftResult, context: PromptContext, origin: 'request' | 'prefetch'): CachedAnswer {
  const isDraft = result.kind === 'draft';
  const text = isDraft ? result.text : '';
  return {
    text: context.eol === '\n' ? text : text.replaceAll('\n', context.eol),
    replaceLength: isDraft ? result.replaceLength : 0,
    isMultiline: text.includes('\n'),
    isCutByLength: isDraft && result.isCutByLength,
    snippets: result.snippets,
    shortenedTo: isDraft ? result.shortenedTo : undefined,
    origin,
    noneReason: isDraft ? undefined : result.reason,
  };
}
