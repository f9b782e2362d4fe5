/** The loop's rules against a model of the world: thousands of random sequences of events, and what must hold after each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import { initialLoop } from '../../../server/learning/loopState.ts';
import type {
  Loop,
  LoopEffect,
  LoopEvent,
  LoopFacts,
  LoopState,
  LoopStateKind,
} from '../../../server/learning/loopState.ts';
import { retryAfterMs, transition } from '../../../server/learning/transition.ts';

/** Everything outside of the rules that they can touch: aliases, reports, what runs, and what was trained. */
class World {
  loop: Loop = initialLoop;
  nowMs = 1_000_000;
  champion = 'task';
  canary: string | undefined;
  approval: 'auto' | 'ask' = 'auto';
  isAutomatic = true;
  isHindered = false;
  trigger: LoopFacts['trigger'];
  nNewExamples = 0;
  readonly reports = new Map<string, 'pass' | 'refuse'>();
  running: string | undefined;
  /** Trained, and neither in use nor refused, taken back, or given up by a person. */
  readonly open = new Set<string>();
  readonly checkpoints = new Set<string>();
  nPlans = 0;
  nCandidates = 0;
  nPromoted = 0;
  readonly seen = new Set<LoopStateKind>();

  get facts(): LoopFacts {
    return {
      nowMs: this.nowMs,
      champion: this.champion,
      nNewExamples: this.nNewExamples,
      isAutomatic: this.isAutomatic,
      trigger: this.isAutomatic ? this.trigger : undefined,
      hindrance: (cause) => (this.isHindered && cause !== 'command' ? 'It is busy.' : undefined),
      nextPlan: {
        id: `plan${this.nPlans}`,
        seed: this.nPlans,
        untilMs: this.nowMs,
        parent: this.champion,
        budgetMs: 1000,
      },
      approval: this.approval,
      hasPassingReport: (candidate, champion) => this.reports.get(`${candidate}/${champion}`) === 'pass',
    };
  }

  send(event: LoopEvent): void {
    const inner = innerOf(this.loop.state);
    const isOwn = 'planId' in event && 'plan' in inner && inner.plan.id === event.planId;
    // Work ends with its news.
    if (isOwn && event.kind !== 'built') this.running = undefined;
    const { loop, effects } = transition(this.loop, event, this.facts);
    this.loop = loop;
    this.seen.add(loop.state.kind);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: LoopEffect): void {
    switch (effect.kind) {
      case 'promote':
        assert.equal(
          effect.champion,
          this.champion,
          'promoted over another champion than it was judged against',
        );
        assert.equal(
          this.reports.get(`${effect.digest}/${effect.champion}`),
          'pass',
          'promoted without a report',
        );
        this.champion = effect.digest;
        this.canary = undefined;
        this.open.delete(effect.digest);
        this.nPromoted++;
        return;
      case 'startCanary':
        assert.equal(this.canary, undefined, 'two canaries');
        this.canary = effect.digest;
        return;
      case 'endCanary':
        assert.equal(this.canary, effect.digest);
        this.canary = undefined;
        this.open.delete(effect.digest);
        return;
      case 'audit':
        if (effect.what === 'refused') this.open.delete(effect.digest ?? '');
        return;
      case 'train':
        assert.equal(this.running, undefined, 'two at work');
        this.running = `train ${effect.plan.id}`;
        this.checkpoints.add(effect.plan.id);
        this.nPlans = Math.max(this.nPlans, Number(effect.plan.id.slice(4)) + 1);
        return;
      case 'judge':
        assert.equal(this.running, undefined, 'two at work');
        this.running = `judge ${effect.candidate}/${effect.champion}`;
        return;
      case 'stop':
        this.running = undefined;
        return;
      case 'discard':
        this.checkpoints.delete(effect.plan.id);
        return;
    }
  }
}

/** What must be at work in a state. */
function demandOf(state: LoopState): string | undefined {
  if (state.kind === 'building' || state.kind === 'training') return `train ${state.plan.id}`;
  if (state.kind === 'evaluating') return `judge ${state.candidate}/${state.champion}`;
  return undefined;
}

const innerOf = (state: LoopState): LoopState => (state.kind === 'paused' ? state.from : state);

function checkWorld(world: World): void {
  const { state } = world.loop;
  const inner = innerOf(state);
  assert.equal(world.running, demandOf(state), 'what runs is what the state says');
  assert.equal(world.canary, inner.kind === 'canary' ? inner.candidate : undefined, 'the alias is the state');
  const held = inner.kind === 'failed' ? inner.from : inner;
  const candidate = 'candidate' in held ? held.candidate : undefined;
  assert.deepEqual(
    [...world.open].filter((each) => each !== candidate),
    [],
    'a trained adapter was lost',
  );
  if (held.kind === 'training' || held.kind === 'building')
    assert(world.checkpoints.has(held.plan.id), 'the checkpoint of what goes on is gone');
  checkWaysOut(world);
}

/** From everywhere: a person gets to idle, a pause gives back what it took, and a restart begins what ran. */
function checkWaysOut({ loop, facts }: World): void {
  const resumed = transition(loop, { kind: 'resumed' }, facts).loop;
  const wanted = transition(resumed, { kind: 'cancelled' }, facts).loop.state;
  assert(wanted.kind === 'idle' || (wanted.kind === 'collecting' && wanted.wish === undefined), wanted.kind);
  if (loop.state.kind === 'paused') assert.deepEqual(resumed.state, loop.state.from);
  else {
    const paused = transition(loop, { kind: 'paused' }, facts);
    assert.equal(paused.loop.state.kind, 'paused');
    assert.deepEqual(transition(paused.loop, { kind: 'resumed' }, facts).loop, loop);
  }
  const restarted = transition(loop, { kind: 'restarted' }, facts);
  assert.equal(restarted.loop, loop);
  const begun = restarted.effects.map((effect) => {
    if (effect.kind === 'train') return `train ${effect.plan.id}`;
    return effect.kind === 'judge' ? `judge ${effect.candidate}/${effect.champion}` : effect.kind;
  });
  assert.deepEqual(begun, demandOf(loop.state) === undefined ? [] : [demandOf(loop.state)]);
}

/** News as the work under way would bring it; the work ends with it. */
function finishWork(world: World, random: Random): void {
  const { state } = world.loop;
  if (world.running === undefined) return;
  const isFailing = random.int(5) === 0;
  if (state.kind === 'building' || state.kind === 'training') {
    const planId = state.plan.id;
    if (state.kind === 'building' && random.int(2) === 0)
      return world.send({ kind: 'built', planId, datasetDigest: 'dataset' });
    if (isFailing) return world.send({ kind: 'failed', planId, reason: 'It broke.' });
    if (state.kind === 'building' && random.int(3) === 0)
      return world.send({ kind: 'declined', planId, reason: 'Too little.' });
    const candidate = `adapter${world.nCandidates++}`;
    world.open.add(candidate);
    return world.send({ kind: 'trained', planId, candidate });
  }
  if (state.kind !== 'evaluating') return;
  const { plan, candidate, champion } = state;
  if (isFailing) return world.send({ kind: 'failed', planId: plan.id, reason: 'It broke.' });
  const verdict = random.int(3) === 0 ? 'refuse' : 'pass';
  // Now and then the disk is full.
  if (random.int(8) > 0) world.reports.set(`${candidate}/${champion}`, verdict);
  world.send({ kind: 'judged', planId: plan.id, champion, verdict, reason: 'So it is.' });
}

type Step = (world: World, random: Random) => void;
const steps: readonly Step[] = [
  finishWork,
  finishWork,
  finishWork,
  finishWork,
  finishWork,
  (world) => world.send({ kind: 'ticked' }),
  (world) => world.send({ kind: 'ticked' }),
  (world, random) => {
    world.nowMs += random.int(10) * 3_600_000;
    world.send({ kind: 'ticked' });
  },
  (world) => world.send({ kind: 'asked' }),
  (world, random) => random.int(3) === 0 && give(world, { kind: 'cancelled' }),
  (world) => world.send({ kind: 'paused' }),
  (world) => world.send({ kind: 'resumed' }),
  (world) => world.send({ kind: 'resumed' }),
  // The process is killed: what ran is gone, state and files stay.
  (world) => {
    world.running = undefined;
    world.send({ kind: 'restarted' });
  },
  (world, random) => {
    const { state } = world.loop;
    if (state.kind !== 'canary') return;
    const decision = random.int(3) === 0 ? 'rollBack' : 'promote';
    world.send({ kind: 'decided', candidate: state.candidate, decision, why: 'Figures.' });
  },
  (world, random) => {
    const { state } = world.loop;
    const inner = innerOf(state);
    if (random.int(6) > 0) return;
    // A person promotes what is under way, or something else.
    const own = 'candidate' in inner ? inner.candidate : 'other';
    world.champion = random.int(2) === 0 ? own : `other${random.int(3)}`;
    world.open.delete(world.champion);
    world.send({ kind: 'championMoved' });
  },
  (world, random) => {
    if (random.int(4) > 0) return;
    give(world, { kind: 'forgotten', isTouched: random.int(2) === 0, isRetraining: random.int(2) === 0 });
  },
  // Another process moves the champion, or a report goes, and nobody tells.
  (world, random) => {
    if (random.int(6) === 0) world.champion = `other${random.int(3)}`;
    if (random.int(6) === 0) world.reports.clear();
  },
  // The child had finished before it heard of the pause.
  (world) => {
    const { state } = world.loop;
    if (state.kind !== 'paused' || !('plan' in state.from)) return;
    if (state.from.kind !== 'building' && state.from.kind !== 'training') return;
    const candidate = `adapter${world.nCandidates++}`;
    world.open.add(candidate);
    world.send({ kind: 'trained', planId: state.from.plan.id, candidate });
  },
  // Stale and invented news.
  (world, random) => {
    const planId = `plan${random.int(world.nPlans + 2) - 1}`;
    const { state } = world.loop;
    if (!('plan' in innerOf(state)) || (innerOf(state) as { plan: { id: string } }).plan.id !== planId) {
      world.send({ kind: 'judged', planId, champion: world.champion, verdict: 'pass', reason: 'Late.' });
      world.send({ kind: 'failed', planId, reason: 'Late.' });
      world.send({ kind: 'declined', planId, reason: 'Late.' });
    }
    world.send({ kind: 'decided', candidate: 'nobody', decision: 'promote', why: 'Late.' });
  },
  (world, random) => void (world.approval = random.int(2) === 0 ? 'auto' : 'ask'),
  (world, random) => void (world.isHindered = random.int(2) === 0),
  (world, random) => void (world.isAutomatic = random.int(4) > 0),
  (world, random) => {
    world.nNewExamples = random.int(3) * 100;
    world.trigger = ([undefined, 'volume', 'schedule', 'drift'] as const)[random.int(4)];
  },
];

/** A person gave up what was under way, so it is no loss. */
function give(world: World, event: LoopEvent): void {
  const inner = innerOf(world.loop.state);
  const held = inner.kind === 'failed' ? inner.from : inner;
  const isGivenUp = event.kind === 'cancelled' || (event.kind === 'forgotten' && event.isTouched);
  if (isGivenUp && 'candidate' in held) world.open.delete(held.candidate);
  world.send(event);
}

test('random sequences of events lose no work, promote nothing without a report, and leave every way out open', () => {
  const seen = new Set<LoopStateKind>();
  let nPromoted = 0;
  for (let seed = 0; seed < 3000; seed++) {
    const random = seededRandom(seed);
    const world = new World();
    const told: string[] = [];
    for (let i = 0; i < 60; i++) {
      const at = random.int(steps.length);
      told.push(`${at}: ${world.loop.state.kind}`);
      try {
        steps[at]?.(world, random);
        checkWorld(world);
      } catch (error) {
        throw new Error(
          `seed ${seed}, steps ${told.slice(-8).join(', ')}, now ${JSON.stringify(world.loop)}`,
          {
            cause: error,
          },
        );
      }
    }
    for (const kind of world.seen) seen.add(kind);
    nPromoted += world.nPromoted;
  }
  assert.deepEqual([...seen].sort(), [
    'building',
    'canary',
    'collecting',
    'evaluating',
    'failed',
    'idle',
    'paused',
    'training',
  ]);
  assert(nPromoted > 100, `the sequences reached ${nPromoted} promotions`);
});

/** Sends events to a fresh loop and compares the kinds of states they lead to. */
function check(
  name: string,
  prepare: (world: World) => void,
  events: LoopEvent[],
  kinds: LoopStateKind[],
): void {
  test(name, () => {
    const world = new World();
    prepare(world);
    const told = events.map((event) => {
      world.send(event);
      return world.loop.state.kind;
    });
    assert.deepEqual(told, kinds);
  });
}

const tick = { kind: 'ticked' } as const;
const asked = { kind: 'asked' } as const;
const trained = { kind: 'trained', planId: 'plan0', candidate: 'a' } as const;
const judged = {
  kind: 'judged',
  planId: 'plan0',
  champion: 'task',
  verdict: 'pass',
  reason: 'Better.',
} as const;
const decided = { kind: 'decided', candidate: 'a', decision: 'promote', why: 'Surely better.' } as const;
const pass = (world: World) => void world.reports.set('a/task', 'pass');

check('nothing new: nothing happens', () => undefined, [tick, tick], ['idle', 'idle']);
check('new examples gather', (world) => (world.nNewExamples = 3), [tick, tick], ['collecting', 'collecting']);
check('enough of them begin a training', (world) => (world.trigger = 'volume'), [tick], ['building']);
check('a command begins one at once', () => undefined, [asked], ['building']);
check(
  'a training that is due waits for a good time',
  (world) => Object.assign(world, { trigger: 'volume', isHindered: true }),
  [tick, tick],
  ['collecting', 'collecting'],
);
check(
  'a better candidate becomes a canary and then the champion',
  pass,
  [asked, trained, judged, decided, tick],
  ['building', 'evaluating', 'canary', 'idle', 'idle'],
);
check(
  'with approval, a person has the last word',
  (world) => {
    pass(world);
    world.approval = 'ask';
  },
  [asked, trained, judged, decided, decided, tick],
  ['building', 'evaluating', 'canary', 'canary', 'canary', 'canary'],
);
check(
  'a refused candidate leads back to idle',
  () => undefined,
  [asked, trained, { ...judged, verdict: 'refuse' }],
  ['building', 'evaluating', 'idle'],
);
check(
  'a verdict whose report was not stored is a failure',
  () => undefined,
  [asked, trained, judged],
  ['building', 'evaluating', 'failed'],
);
check(
  'a pause in the middle goes on where it was',
  () => undefined,
  [
    asked,
    { kind: 'built', planId: 'plan0', datasetDigest: 'd' },
    { kind: 'paused' },
    tick,
    { kind: 'resumed' },
  ],
  ['building', 'training', 'paused', 'paused', 'training'],
);
check(
  'what failed waits longer each time, and goes on when a person asks',
  () => undefined,
  [asked, { kind: 'failed', planId: 'plan0', reason: 'No memory.' }, tick, asked],
  ['building', 'failed', 'failed', 'building'],
);

test('retries wait a quarter of an hour, then longer, at most a day', () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((n) => retryAfterMs(n) / 3_600_000),
    [0.25, 1, 4, 24],
  );
});
