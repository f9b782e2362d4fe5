/** The loop's rules: state and event to the next state and what is to be done. Pure; loop.ts carries it out. */

import type {
  Building,
  Canary,
  Collecting,
  Evaluating,
  Failed,
  Idle,
  Loop,
  LoopEffect,
  LoopEvent,
  LoopFacts,
  LoopMemory,
  LoopState,
  Paused,
  Training,
  TrainingCause,
  TrainingPlan,
} from './loopState.ts';

export interface Transition {
  /** The very same object when nothing changes. */
  readonly loop: Loop;
  readonly effects: readonly LoopEffect[];
}

/** Wait before the first, second ... retry of what failed. */
export function retryAfterMs(nRetries: number): number {
  return Math.min(24 * hourMs, 0.25 * hourMs * 4 ** nRetries);
}
const hourMs = 3_600_000;

/** An event that means nothing in a state changes nothing: it came too late, or there is nothing to do. */
export function transition(loop: Loop, event: LoopEvent, facts: LoopFacts): Transition {
  const { state } = loop;
  if (state.kind === 'paused') return whilePaused(loop, state, event, facts);
  switch (event.kind) {
    case 'ticked':
      return onTick(loop, facts);
    case 'restarted':
      return withEffects(loop, restartEffects(state));
    case 'asked':
      return onAsked(loop, facts);
    case 'cancelled':
      return onCancelled(loop, facts);
    case 'paused':
      return to(loop, { kind: 'paused', sinceMs: facts.nowMs, from: state }, stopOf(state));
    case 'forgotten':
      return onForgotten(loop, event, facts);
    case 'resumed':
      return unchanged(loop);
    default:
      return onNews(loop, event, facts);
  }
}

/** What a restart has to begin again, so that the state goes on. */
export function restartEffects(state: LoopState): LoopEffect[] {
  switch (state.kind) {
    case 'building':
    case 'training':
      return [{ kind: 'train', plan: state.plan }];
    case 'evaluating':
      return [judgeOf(state)];
    default:
      return [];
  }
}

type News = Extract<
  LoopEvent,
  { kind: 'built' | 'trained' | 'declined' | 'judged' | 'failed' | 'decided' | 'championMoved' }
>;

/** News of the work under way; of any other work they are too late. */
function onNews(loop: Loop, event: News, facts: LoopFacts): Transition {
  const { state } = loop;
  if ('planId' in event && !('plan' in state && state.plan.id === event.planId)) return unchanged(loop);
  switch (event.kind) {
    case 'built':
      if (state.kind !== 'building') return unchanged(loop);
      return to(loop, {
        ...state,
        kind: 'training',
        sinceMs: facts.nowMs,
        datasetDigest: event.datasetDigest,
      });
    case 'trained':
      if (state.kind !== 'building' && state.kind !== 'training') return unchanged(loop);
      return onTrained(loop, state, event.candidate, facts);
    case 'declined':
      if (state.kind !== 'building') return unchanged(loop);
      return to(ended(loop, facts), { kind: 'idle', sinceMs: facts.nowMs, notice: event.reason });
    case 'judged':
      return state.kind === 'evaluating' ? onJudged(loop, state, event, facts) : unchanged(loop);
    case 'failed':
      return onFailed(loop, event, facts);
    case 'decided':
      if (state.kind !== 'canary' || state.candidate !== event.candidate) return unchanged(loop);
      return onDecided(loop, state, event, facts);
    case 'championMoved':
      return onChampionMoved(loop, facts);
  }
}

function onTick(loop: Loop, facts: LoopFacts): Transition {
  const { state } = loop;
  if (state.kind === 'idle' || state.kind === 'collecting') return gather(loop, state, facts);
  if (state.kind === 'canary') return onChampionMoved(loop, facts);
  if (state.kind !== 'failed' || facts.nowMs < state.retryAtMs) return unchanged(loop);
  const { cause } = state.from.plan;
  if ((cause !== 'command' && !facts.isAutomatic) || facts.hindrance(cause) !== undefined)
    return unchanged(loop);
  return goOn(loop, state.from, facts);
}

/** Collects, and begins a training once one is due and nothing is in its way. */
function gather(loop: Loop, state: Idle | Collecting, facts: LoopFacts): Transition {
  const before = state.kind === 'collecting' ? state.wish : undefined;
  const kept = before === 'command' || before === 'forget' || facts.isAutomatic ? before : undefined;
  const wish = kept ?? facts.trigger;
  if (wish !== undefined && facts.hindrance(wish) === undefined) return begin(loop, wish, facts);
  if (wish === undefined && facts.nNewExamples === 0) {
    if (state.kind === 'idle') return unchanged(loop);
    return to(loop, { kind: 'idle', sinceMs: facts.nowMs, ...told(state) });
  }
  if (state.kind === 'collecting' && wish === before) return unchanged(loop);
  const sinceMs = state.kind === 'collecting' ? state.sinceMs : facts.nowMs;
  return to(loop, { kind: 'collecting', sinceMs, wish, ...told(state) });
}

/** How the last training ended. */
function told({ notice, wasCanceled }: Idle | Collecting): Pick<Idle, 'notice' | 'wasCanceled'> {
  return { notice, ...(wasCanceled === undefined ? {} : { wasCanceled }) };
}

function begin(loop: Loop, cause: TrainingCause, facts: LoopFacts): Transition {
  const plan: TrainingPlan = { ...facts.nextPlan, cause, nRetries: 0 };
  return to(loop, { kind: 'building', sinceMs: facts.nowMs, plan }, [{ kind: 'train', plan }]);
}

function onAsked(loop: Loop, facts: LoopFacts): Transition {
  const { state } = loop;
  switch (state.kind) {
    case 'idle':
    case 'collecting':
      return want(loop, 'command', facts);
    case 'failed': {
      const from = { ...state.from, plan: { ...state.from.plan, cause: 'command' as const } };
      if (facts.hindrance('command') === undefined) return goOn(loop, from, facts);
      return to(loop, { ...state, from, retryAtMs: facts.nowMs });
    }
    case 'canary': {
      const why = 'A person asked for a new training, which takes its place.';
      return also(want(ended(loop, facts), 'command', facts), endOf(state, why, false));
    }
    default:
      return unchanged(loop);
  }
}

/** Begins a training, or lets it wait. */
function want(loop: Loop, cause: TrainingCause, facts: LoopFacts): Transition {
  if (facts.hindrance(cause) === undefined) return begin(loop, cause, facts);
  return to(loop, { kind: 'collecting', sinceMs: facts.nowMs, wish: cause });
}

/** Goes on with what failed: from its checkpoint, or with the same candidate. */
function goOn(loop: Loop, from: Failed['from'], facts: LoopFacts): Transition {
  const plan = { ...from.plan, nRetries: from.plan.nRetries + 1 };
  const next = { ...from, plan, sinceMs: facts.nowMs };
  return to(loop, next, restartEffects(next));
}

function onTrained(
  loop: Loop,
  { plan }: Building | Training,
  candidate: string,
  facts: LoopFacts,
): Transition {
  const { nowMs, champion } = facts;
  const learned = { untilMs: plan.untilMs, asOf: plan.asOf };
  const memory: LoopMemory = { ...loop.memory, lastEndedAtMs: nowMs, learned };
  if (candidate === champion) {
    const notice = 'Training brought no change to the version in use.';
    return to({ ...loop, memory }, { kind: 'idle', sinceMs: nowMs, notice });
  }
  const state: Evaluating = { kind: 'evaluating', sinceMs: nowMs, plan, candidate, champion };
  const why = `Trained because of ${causeWords[plan.cause]}.`;
  return to({ ...loop, memory }, state, [
    { kind: 'audit', who: 'policy', what: 'trained', digest: candidate, why },
    judgeOf(state),
  ]);
}

const causeWords: Readonly<Record<TrainingCause, string>> = {
  volume: 'the number of new examples',
  schedule: 'the time since the last training',
  drift: 'a drift in how well suggestions fit',
  command: "a person's command",
  forget: 'what was forgotten',
};

function onJudged(
  loop: Loop,
  state: Evaluating,
  event: Extract<LoopEvent, { kind: 'judged' }>,
  facts: LoopFacts,
): Transition {
  const { nowMs, champion } = facts;
  const { plan, candidate } = state;
  if (event.champion !== champion) return judgeAgain(loop, state, facts);
  if (event.verdict === 'refuse') {
    const effect = {
      kind: 'audit',
      who: 'gate',
      what: 'refused',
      digest: candidate,
      why: event.reason,
    } as const;
    const notice = 'The new version did not pass its evaluation and was not used.';
    return to(ended(loop, facts), { kind: 'idle', sinceMs: nowMs, notice }, [effect]);
  }
  if (!facts.hasPassingReport(candidate, champion)) {
    return onFailed(loop, { planId: plan.id, reason: 'The evaluation report could not be stored.' }, facts);
  }
  return to(loop, { kind: 'canary', sinceMs: nowMs, plan, candidate, champion }, [
    { kind: 'startCanary', digest: candidate, why: event.reason },
  ]);
}

function judgeAgain(loop: Loop, state: Evaluating | Canary, facts: LoopFacts): Transition {
  const { plan, candidate } = state;
  const { champion, nowMs } = facts;
  const next: Evaluating = { kind: 'evaluating', sinceMs: nowMs, plan, candidate, champion };
  return to(loop, next, [{ kind: 'stop' }, judgeOf(next)]);
}

function onDecided(
  loop: Loop,
  state: Canary,
  { decision, why }: Extract<LoopEvent, { kind: 'decided' }>,
  facts: LoopFacts,
): Transition {
  const { candidate, champion } = state;
  if (facts.champion !== champion) return onChampionMoved(loop, facts);
  const idle = { kind: 'idle', sinceMs: facts.nowMs } as const;
  if (decision === 'rollBack') {
    const notice = 'The version on trial did not prove better and was withdrawn.';
    return to(ended(loop, facts), { ...idle, notice }, [endOf(state, why, true)]);
  }
  if (!facts.hasPassingReport(candidate, champion)) return judgeAgainAfter(loop, state, facts);
  if (facts.approval === 'ask') {
    if (state.awaitsApproval !== undefined) return unchanged(loop);
    return to(loop, { ...state, awaitsApproval: why });
  }
  return to(ended(loop, facts), { ...idle, notice: 'A new version is in use.' }, [
    { kind: 'promote', digest: candidate, champion, why },
  ]);
}

function judgeAgainAfter(loop: Loop, state: Canary, facts: LoopFacts): Transition {
  const why = 'There is no passing report against the version in use, so it is judged again.';
  return also(judgeAgain(loop, state, facts), endOf(state, why, false));
}

function onChampionMoved(loop: Loop, facts: LoopFacts): Transition {
  const { state } = loop;
  if (state.kind === 'evaluating') {
    if (state.champion === facts.champion) return unchanged(loop);
    if (state.candidate === facts.champion)
      return to(ended(loop, facts), { kind: 'idle', sinceMs: facts.nowMs }, [{ kind: 'stop' }]);
    return judgeAgain(loop, state, facts);
  }
  if (state.kind !== 'canary' || state.champion === facts.champion) return unchanged(loop);
  if (state.candidate !== facts.champion) return judgeAgainAfter(loop, state, facts);
  return to(ended(loop, facts), { kind: 'idle', sinceMs: facts.nowMs }, [
    endOf(state, 'It is in use now.', false),
  ]);
}

function onFailed(
  loop: Loop,
  { planId, reason, remedy }: { planId: string; reason: string; remedy?: string | undefined },
  { nowMs }: LoopFacts,
): Transition {
  const { state } = loop;
  const isWork = state.kind === 'building' || state.kind === 'training' || state.kind === 'evaluating';
  if (!isWork || state.plan.id !== planId) return unchanged(loop);
  const retryAtMs = nowMs + retryAfterMs(state.plan.nRetries);
  return to(ended(loop, { nowMs }), {
    kind: 'failed',
    sinceMs: nowMs,
    reason,
    remedy,
    from: state,
    retryAtMs,
  });
}

function onCancelled(loop: Loop, facts: LoopFacts): Transition {
  const { state } = loop;
  const why = 'A person cancelled it.';
  if (state.kind === 'idle') return unchanged(loop);
  const idle: Idle = { kind: 'idle', sinceMs: facts.nowMs, notice: 'Training canceled.', wasCanceled: true };
  const effects = abandon(state, why);
  if (state.kind === 'collecting' && state.wish === undefined) return unchanged(loop);
  return to(ended(loop, facts), idle, effects);
}

/** Ends whatever a state holds; an adapter that was trained stays as a version. */
function abandon(state: LoopState, why: string): LoopEffect[] {
  switch (state.kind) {
    case 'building':
    case 'training':
      return [{ kind: 'stop' }, { kind: 'discard', plan: state.plan }];
    case 'evaluating':
      return [{ kind: 'stop' }];
    case 'canary':
      return [endOf(state, why, false)];
    case 'failed':
      return abandon(state.from, why).filter((effect) => effect.kind !== 'stop');
    default:
      return [];
  }
}

function onForgotten(
  loop: Loop,
  { isTouched, isRetraining }: Extract<LoopEvent, { kind: 'forgotten' }>,
  facts: LoopFacts,
): Transition {
  const { state } = loop;
  const isAtWork = state.kind !== 'idle' && state.kind !== 'collecting';
  if (isTouched && isAtWork) {
    const effects = abandon(state, 'Something that it learned from was forgotten.');
    const next = to(loop, { kind: 'collecting', sinceMs: facts.nowMs, wish: 'forget' }, effects);
    return next;
  }
  if (!isRetraining || isAtWork) return unchanged(loop);
  return to(loop, { kind: 'collecting', sinceMs: facts.nowMs, wish: 'forget' });
}

/** Pausing stops everything; what is told meanwhile changes where it goes on. */
function whilePaused(loop: Loop, state: Paused, event: LoopEvent, facts: LoopFacts): Transition {
  const inner: Loop = { ...loop, state: state.from };
  switch (event.kind) {
    case 'resumed': {
      const { from } = state;
      return to(loop, from, restartEffects(from));
    }
    case 'cancelled':
    case 'forgotten':
    case 'championMoved': {
      const next = transition(inner, event, facts);
      if (next.loop === inner) return unchanged(loop);
      const effects = next.effects.filter((effect) => effect.kind !== 'train' && effect.kind !== 'judge');
      return {
        loop: { ...next.loop, state: { ...state, from: next.loop.state as Paused['from'] } },
        effects,
      };
    }
    // A child that had finished before it was stopped: its adapter is stored, and is not lost.
    case 'trained':
    case 'built': {
      const next = transition(inner, event, facts);
      if (next.loop === inner) return unchanged(loop);
      const effects = next.effects.filter((effect) => effect.kind !== 'judge');
      return {
        loop: { ...next.loop, state: { ...state, from: next.loop.state as Paused['from'] } },
        effects,
      };
    }
    default:
      return unchanged(loop);
  }
}

const stopOf = (state: LoopState): LoopEffect[] =>
  restartEffects(state).length > 0 ? [{ kind: 'stop' }] : [];

function judgeOf({ plan, candidate, champion }: Evaluating): LoopEffect {
  return { kind: 'judge', plan, candidate, champion };
}

function endOf({ candidate }: Canary, why: string, isRolledBack: boolean): LoopEffect {
  return { kind: 'endCanary', digest: candidate, why, isRolledBack };
}

function ended(loop: Loop, { nowMs }: Pick<LoopFacts, 'nowMs'>): Loop {
  return { ...loop, memory: { ...loop.memory, lastEndedAtMs: nowMs } };
}

function to(loop: Loop, state: LoopState, effects: readonly LoopEffect[] = []): Transition {
  return { loop: { ...loop, state }, effects };
}
const unchanged = (loop: Loop): Transition => ({ loop, effects: [] });
const withEffects = (loop: Loop, effects: readonly LoopEffect[]): Transition => ({ loop, effects });
const also = ({ loop, effects }: Transition, effect: LoopEffect): Transition => ({
  loop,
  effects: [effect, ...effects],
});
