/** The loop of one repository with one base model: keeps its state, asks the rules what comes next, and has it done. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import type { LoopStatesTable } from '../store/loopStates.ts';
import type { ShadowScoresTable } from '../store/shadowScores.ts';
import { applyLedger, isWork } from './applyLedger.ts';
import { dayOf, isCanaryDay } from './canaryDay.ts';
import { describeLoop } from './describeLoop.ts';
import type { CanaryJudgement, CanaryRules } from './judgeCanary.ts';
import { judgeCanary } from './judgeCanary.ts';
import { readLoop, writeLoop } from './loopRecord.ts';
import type { LoopSettings } from './loopSettings.ts';
import type {
  Canary,
  Loop,
  LoopEffect,
  LoopEvent,
  LoopFacts,
  LoopState,
  TrainingCause,
} from './loopState.ts';
import type { LoopProgress, LoopWork } from './loopWork.ts';
import type { Machine } from './machine.ts';
import { missedForgetting } from './missedForgetting.ts';
import { findHindrance, mayCompute } from './policy.ts';
import type { PolicyFacts } from './policy.ts';
import { transition } from './transition.ts';
import { findTrigger } from './triggers.ts';
import { describeLoss, hasDrifted } from './watchRetained.ts';
import type { RetainedFacts } from './watchRetained.ts';
import { WorkRunner } from './workRunner.ts';

export interface LoopProps {
  readonly key: RegistryKey;
  /** Of the repository, for a person. */
  readonly name: string;
  readonly registry: AdapterRegistry;
  readonly loopStates: LoopStatesTable;
  readonly shadowScores: ShadowScoresTable;
  readonly work: LoopWork;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly settings: () => LoopSettings;
  /** A sentence on why nothing can be trained now, for example that the base model is not loaded. */
  readonly unable: () => string | undefined;
  readonly rules: CanaryRules;
}

/** All there is to tell of a loop. */
export interface LoopView {
  readonly key: RegistryKey;
  readonly name: string;
  readonly state: LoopState;
  readonly detail: string;
  readonly progress?: LoopProgress | undefined;
  readonly nNewExamples: number;
  readonly nWanted: number;
  readonly canary?: { readonly state: Canary; readonly judgement: CanaryJudgement } | undefined;
}

/** `state`: a transition was written down. `view`: anything else that is told. */
export type LoopChange = 'state' | 'view';

type Made = { readonly adapter?: StoredAdapter; readonly report?: EvalReport };

const tickMs = 15_000;
/** Git and the record of outcomes are not asked more often than this. */
const countEveryMs = 60_000;
/** Shadow scoring waits until nobody has typed for so long. */
const shadowIdleMs = 20_000;
const nRetained = 1000;
const retainedDays = 60;

export class LearningLoop implements Disposable {
  readonly #props: LoopProps;
  readonly #changes = new Emitter<LoopChange>();
  readonly #runner: WorkRunner;
  #loop: Loop;
  /** News that could not be written down yet, for example because the disk is full. */
  #unwritten: { event: LoopEvent; made: Made }[] = [];
  #trouble: string | undefined;
  #head: string | undefined;
  #nNewExamples = 0;
  #countedAtMs = -Infinity;
  #progress: LoopProgress | undefined;
  #hold: string | undefined;
  #judgement: CanaryJudgement | undefined;
  #hasDrifted = false;
  #timer: Disposable | undefined;
  #ticking: Promise<void> | undefined;
  #shadow: AbortController | undefined;
  #isDisposed = false;

  /** Goes on where the database says that it was. @throws what the database throws when it cannot be read. */
  constructor(props: LoopProps) {
    this.#props = props;
    this.#loop = readLoop(props.loopStates.get(props.key.repoId, props.key.baseDigest));
    const { name, work, machine, logger } = props;
    this.#runner = new WorkRunner({
      ...{ name, work, machine, logger },
      isBatteryAllowed: (plan) => plan.cause === 'command' || props.settings().isBatteryAllowed,
      onEvent: (event, made = {}) => this.#hear(event, made),
      onProgress: (progress) => this.#show(() => (this.#progress = progress)),
      onHold: (why) => this.#show(() => (this.#hold = why)),
    });
    this.#clearStrayCanary();
    const missed = missedForgetting(props.registry, props.key, this.#loop);
    if (missed !== undefined) this.#send(missed);
    this.#send({ kind: 'restarted' });
    void this.tick();
  }

  get view(): LoopView {
    const { key, name } = this.#props;
    const { state } = this.#loop;
    const { minNewExamples, isAutomatic } = this.#props.settings();
    const judgement = this.#judgement;
    const detail = describeLoop(state, {
      nNewExamples: this.#nNewExamples,
      nWanted: minNewExamples,
      isAutomatic,
      hindrance: this.#hold ?? this.#hindrance(state),
    });
    return {
      ...{ key, name, state },
      detail: this.#trouble === undefined ? detail : `${detail} ${this.#trouble}`,
      progress: this.#progress,
      nNewExamples: this.#nNewExamples,
      nWanted: minNewExamples,
      canary: state.kind === 'canary' && judgement !== undefined ? { state, judgement } : undefined,
    };
  }

  /** Whether the canary serves today. */
  get isCanaryDay(): boolean {
    const { state } = this.#loop;
    const { key, clock, settings } = this.#props;
    if (state.kind !== 'canary') return false;
    return isCanaryDay(key.repoId, state.candidate, dayOf(clock.nowMs()), settings().canaryShare);
  }

  onChange(listener: (change: LoopChange) => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Begins a training, or lets it wait for its turn. @throws IdiomError with the reason why not. */
  async ask(): Promise<void> {
    const { state } = this.#loop;
    if (state.kind === 'paused')
      throw new IdiomError('wrongUse', 'Learning is paused for this repository.', {
        remedy: 'Resume learning first.',
      });
    if (state.kind === 'building' || state.kind === 'training' || state.kind === 'evaluating')
      throw new IdiomError('wrongUse', 'A training of this repository is under way already.');
    const { name, work, unable } = this.#props;
    const why = unable();
    if (why !== undefined) throw new IdiomError('wrongUse', why);
    this.#head = await work.head();
    if (this.#head === undefined)
      throw new IdiomError('wrongUse', `${name} has no git history to learn from.`, {
        remedy: 'Commit something, then train.',
      });
    this.#send({ kind: 'asked' });
  }

  /** Ends what is under way and keeps nothing of it. @throws IdiomError when it could not be written down. */
  cancel(): void {
    this.#record('person', 'A person cancelled what was under way.', () => this.#send({ kind: 'cancelled' }));
  }

  setPaused(isPaused: boolean): void {
    const why = isPaused ? 'A person paused learning.' : 'A person resumed learning.';
    this.#record('person', why, () => this.#send({ kind: isPaused ? 'paused' : 'resumed' }));
    if (isPaused) this.#shadow?.abort();
    else void this.tick();
  }

  /** Puts a version in use. @throws IdiomError `gateRefused` or `wrongUse` as the registry's `promote`. */
  promote(digest: string, overrideReason: string | undefined): void {
    const { registry, key } = this.#props;
    const version = registry.find(key.repoId, digest);
    registry.ground.db.transaction(() => {
      const reason = overrideReason === undefined ? {} : { overrideReason };
      registry.promote(key, version.digest, { who: 'person', why: 'A person put it in use.', ...reason });
      this.#send({ kind: 'championMoved' });
    });
  }

  /** Takes away what serves today: a canary, else the champion. @throws IdiomError `wrongUse` when nothing can be. */
  rollBack(reason: string | undefined): void {
    const { registry, key } = this.#props;
    const { state } = this.#loop;
    const said = reason === undefined || reason.trim() === '' ? '' : ` The reason given: ${reason.trim()}`;
    const why = `A person took it back.${said}`;
    if (state.kind === 'canary' && (this.isCanaryDay || registry.aliases(key).champion === undefined)) {
      this.#send({ kind: 'decided', candidate: state.candidate, decision: 'rollBack', why });
      return;
    }
    registry.ground.db.transaction(() => {
      registry.rollback(key, { who: 'person', why });
      this.#send({ kind: 'championMoved' });
    });
  }

  /** Something was deleted. `adapters`: digests that may not serve any more. @returns whether a training is due now. */
  forgotten(adapters: readonly string[], isRetraining: boolean): boolean {
    const { state } = this.#loop;
    const inner = state.kind === 'paused' ? state.from : state;
    const held = inner.kind === 'failed' ? inner.from : inner;
    const isUnfinished = held.kind === 'building' || held.kind === 'training';
    const isTouched = isUnfinished || ('candidate' in held && adapters.includes(held.candidate));
    this.#send({ kind: 'forgotten', isTouched, isRetraining });
    void this.tick();
    const { state: after } = this.#loop;
    return (after.kind === 'collecting' && after.wish === 'forget') || (isTouched && isUnfinished);
  }

  /** Looks at facts, and lets the rules act on them. Runs by itself; never rejects. */
  tick(): Promise<void> {
    this.#ticking ??= this.#tick().finally(() => (this.#ticking = undefined));
    return this.#ticking;
  }

  /** Ends what runs; it goes on when the repository is opened again. */
  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#shadow?.abort();
    this.#runner.dispose();
  }

  /** A state that could not be read any more leaves its canary behind. */
  #clearStrayCanary(): void {
    const { registry, key } = this.#props;
    const { state } = this.#loop;
    const inner = state.kind === 'paused' ? state.from : state;
    if (inner.kind === 'canary') return;
    registry.clearCanary(key, { who: 'policy', why: 'The record of its trial is lost.' });
  }

  async #tick(): Promise<void> {
    this.#timer?.dispose();
    try {
      await this.#count();
      if (this.#isDisposed) return;
      this.#writePending();
      this.#watchChampion();
      this.#send({ kind: 'ticked' });
      await this.#lookAtCanary();
    } catch (error) {
      this.#props.logger.warn('learning', 'tick', { error: describeError(error) });
    } finally {
      if (!this.#isDisposed) this.#timer = this.#props.clock.setTimer(tickMs, () => void this.tick());
    }
  }

  async #count(): Promise<void> {
    const { clock, work } = this.#props;
    const nowMs = clock.monotonicMs();
    const { state, memory } = this.#loop;
    const isWaiting = state.kind === 'idle' || state.kind === 'collecting' || state.kind === 'failed';
    if (!isWaiting || nowMs - this.#countedAtMs < countEveryMs) return;
    this.#head = await work.head();
    const nNewExamples = this.#head === undefined ? 0 : await work.countNewExamples(memory.learned);
    this.#countedAtMs = nowMs;
    this.#show(() => (this.#nNewExamples = nNewExamples));
  }

  /** Rolls back a champion whose suggestions are kept surely less than those before it, and sees drift. */
  #watchChampion(): void {
    const { registry, key, rules } = this.#props;
    const { state } = this.#loop;
    const { champion, previous } = registry.aliases(key);
    if ((state.kind !== 'idle' && state.kind !== 'collecting') || champion === undefined) return;
    const facts = this.#retained(champion, previous);
    this.#hasDrifted = hasDrifted(facts, rules);
    const loss = describeLoss(facts, rules);
    if (loss === undefined) return;
    registry.ground.db.transaction(() => {
      registry.rollback(key, { who: 'canary', why: loss });
      this.#send({ kind: 'championMoved' });
    });
  }

  #retained(champion: string, previous: string | undefined): RetainedFacts {
    const { registry, key, clock, work } = this.#props;
    const nowMs = clock.nowMs();
    const entries = registry.ground.auditEntries.of(key.repoId, 200);
    const promoted = entries.find((entry) => entry.what === 'promoted' && entry.digest === champion);
    const sinceMs = promoted?.atMs ?? nowMs - retainedDays * 86_400_000;
    return {
      champion: work.retainedChars(champion, sinceMs, nowMs).slice(-nRetained),
      previous:
        previous === undefined || promoted === undefined
          ? []
          : work.retainedChars(previous, sinceMs - retainedDays * 86_400_000, sinceMs).slice(-nRetained),
    };
  }

  async #lookAtCanary(): Promise<void> {
    const { state } = this.#loop;
    if (state.kind !== 'canary') {
      this.#judgement = undefined;
      return;
    }
    await this.#score(state);
    if (this.#loop.state !== state || this.#isDisposed) return;
    const judgement = this.#judge(state);
    this.#show(() => (this.#judgement = judgement));
    const { decision, why } = judgement;
    if (decision !== 'wait') this.#send({ kind: 'decided', candidate: state.candidate, decision, why });
  }

  async #score(canary: Canary): Promise<void> {
    const { machine, work, settings } = this.#props;
    const isGood =
      machine.idleMs >= Math.min(shadowIdleMs, settings().minIdleMs) &&
      mayCompute({ power: machine.power, isBatteryAllowed: settings().isBatteryAllowed });
    if (!isGood || machine.isCompleting) return;
    const abort = new AbortController();
    this.#shadow = abort;
    const subscription = machine.onChange(() => machine.isCompleting && abort.abort());
    try {
      await work.scoreKept(canary, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted)
        this.#props.logger.warn('learning', 'shadow scoring', { error: describeError(error) });
    } finally {
      subscription.dispose();
      this.#shadow = undefined;
    }
  }

  #judge({ candidate, champion, sinceMs }: Canary): CanaryJudgement {
    const { registry, key, clock, shadowScores, work, rules, settings } = this.#props;
    const nowMs = clock.nowMs();
    const verdict = registry.ground.evalReports
      .verdictsOf(key.repoId)
      .find((each) => each.candidate === candidate);
    const gains = shadowScores
      .of(candidate, champion)
      .map(({ candidateNll, championNll }) => championNll - candidateNll);
    const retained = {
      candidate: work.retainedChars(candidate, sinceMs, nowMs).slice(-nRetained),
      champion: work.retainedChars(champion, sinceMs, nowMs).slice(-nRetained),
    };
    const gateGainLow = verdict?.nllChange === undefined ? undefined : -verdict.nllChange.high;
    return judgeCanary(
      { nowMs, sinceMs, gains, gateGainLow, retained },
      { ...rules, quietDays: settings().canaryDays },
    );
  }

  /** News of the work: kept until they are written down. */
  #hear(event: LoopEvent, made: Made): void {
    this.#unwritten.push({ event, made });
    this.#writePending();
    void this.tick();
  }

  #writePending(): void {
    try {
      for (let news = this.#unwritten[0]; news !== undefined; news = this.#unwritten[0]) {
        this.#send(news.event, news.made);
        this.#unwritten.shift();
      }
      this.#trouble = undefined;
    } catch (error) {
      this.#show(() => (this.#trouble = `It could not be written down: ${describeError(error)}`));
      this.#props.logger.error('learning', 'not written', { error: describeError(error) });
    }
  }

  #record(who: 'person', why: string, act: () => void): void {
    const { registry, key } = this.#props;
    registry.ground.db.transaction(() => {
      const before = this.#loop;
      act();
      if (this.#loop !== before) registry.record({ repoId: key.repoId, who, what: 'stateChanged', why });
    });
  }

  /** One transition in one transaction; when that fails, nothing has happened. */
  #send(event: LoopEvent, made: Made = {}): void {
    const { registry, key, loopStates, clock, logger } = this.#props;
    const before = this.#loop;
    const { loop, effects } = registry.ground.db.transaction(() => {
      if (made.report !== undefined) registry.addReport(key.repoId, made.report);
      const next = transition(before, event, this.#facts());
      if (made.adapter !== undefined) this.#adopt(made.adapter, next.effects);
      for (const effect of next.effects) if (!isWork(effect)) applyLedger(registry, key, effect);
      if (next.loop !== before) {
        loopStates.put(key.repoId, key.baseDigest, writeLoop(next.loop), clock.nowMs());
        this.#recordChange(before.state, next.loop.state);
      }
      return next;
    });
    this.#loop = loop;
    if (loop.state.kind !== before.state.kind) this.#progress = undefined;
    for (const effect of effects) if (isWork(effect)) this.#runner.carryOut(effect);
    if (loop === before) return;
    logger.info('learning', 'state', {
      repository: key.repoId,
      from: before.state.kind,
      to: loop.state.kind,
    });
    if (loop.memory !== before.memory) this.#countedAtMs = -Infinity;
    this.#changes.fire('state');
  }

  /** The version is known from now on, also when nobody waits for it any more. */
  #adopt(adapter: StoredAdapter, effects: readonly LoopEffect[]): void {
    const told = effects.find((effect) => effect.kind === 'audit' && effect.what === 'trained');
    const why = told?.kind === 'audit' ? told.why : 'It was finished after it had been given up.';
    this.#props.registry.add(adapter, { who: 'policy', why });
  }

  #recordChange(from: LoopState, to: LoopState): void {
    if (from.kind === to.kind) return;
    const { registry, key } = this.#props;
    const why = `From ${from.kind} to ${to.kind}.`;
    registry.record({ repoId: key.repoId, who: 'policy', what: 'stateChanged', why });
  }

  #facts(): LoopFacts {
    const { registry, key, clock, newId, settings } = this.#props;
    const { isAutomatic, approval, minNewExamples, minIntervalMs, budgetMs } = settings();
    const nowMs = clock.nowMs();
    const champion = registry.champion(key);
    const id = newId();
    return {
      ...{ nowMs, champion, isAutomatic, approval },
      nNewExamples: this.#nNewExamples,
      trigger: findTrigger({
        ...{ isAutomatic, nowMs, minNewExamples, minIntervalMs },
        lastEndedAtMs: this.#loop.memory.lastEndedAtMs,
        nNewExamples: this.#nNewExamples,
        hasDrifted: this.#hasDrifted,
      }),
      hindrance: (cause) => findHindrance(this.#policyFacts(), cause),
      nextPlan: {
        ...{ id, budgetMs },
        seed: Number.parseInt(digestOf(id).slice(0, 7), 16),
        asOf: this.#head,
        untilMs: nowMs,
        parent: champion,
      },
      hasPassingReport: (candidate, against) => registry.hasPassingReport(candidate, against),
    };
  }

  #policyFacts(): PolicyFacts {
    const { machine, name, settings } = this.#props;
    const { isBatteryAllowed, minIdleMs } = settings();
    const noHistory = this.#head === undefined ? 'There is no git history to learn from.' : undefined;
    const unable = this.#props.unable() ?? noHistory;
    const { power, idleMs } = machine;
    return { unable, busyWith: machine.busyWith(name), power, isBatteryAllowed, idleMs, minIdleMs };
  }

  #hindrance(state: LoopState): string | undefined {
    const wish: TrainingCause | undefined = state.kind === 'collecting' ? state.wish : undefined;
    return wish === undefined ? undefined : findHindrance(this.#policyFacts(), wish);
  }

  #show(change: () => void): void {
    change();
    if (!this.#isDisposed) this.#changes.fire('view');
  }
}
