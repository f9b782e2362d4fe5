/** The owner of the child: states, restarts with back-off, cancellation. The child is played by the test. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { IdiomError, isAbort } from '../../../server/base/errors.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import type { GenerateRequest } from '../../../server/llama/engine.ts';
import type { CrashedLoads } from '../../../server/llama/crashedLoads.ts';
import type { EngineChannelEvents } from '../../../server/llama/engineChannel.ts';
import type { FromEngine, LoadedModel, ToEngine } from '../../../server/llama/engineMessages.ts';
import { EngineProcess } from '../../../server/llama/engineProcess.ts';
import type { InspectedModel } from '../../../server/llama/inspectModel.ts';

const loadedModel: LoadedModel = {
  architecture: 'llama',
  name: '',
  trainContextTokens: 2048,
  contextTokens: 1024,
  specialTokens: {},
  endTokens: [0],
  device: 'cpu',
};

/** A child that is told what to answer. */
class FakeChild {
  readonly sent: ToEngine[] = [];
  readonly events: EngineChannelEvents;
  isKilled = false;

  constructor(events: EngineChannelEvents) {
    this.events = events;
  }

  /** The newest message of this type. */
  last<T extends ToEngine['type']>(type: T): Extract<ToEngine, { type: T }> {
    const found = this.sent.findLast((message) => message.type === type);
    assert.ok(found, `No ${type} was sent.`);
    return found as Extract<ToEngine, { type: T }>;
  }

  say(message: FromEngine): void {
    this.events.onMessage(message);
  }

  becomeReady(): void {
    this.say({ type: 'loaded', id: this.last('load').id, value: loadedModel });
  }

  finish(text: string, stopReason: 'maxNewTokens' | 'aborted' = 'maxNewTokens'): void {
    const { id } = this.last('generate');
    const counts = { nPromptTokens: 3, nReusedTokens: 1, nComputedTokens: 2, nNewTokens: 1 };
    this.say({ type: 'generated', id, value: { text, stopReason, ...counts, prefillMs: 1, decodeMs: 1 } });
  }
}

class World {
  readonly clock = new ManualClock();
  readonly children: FakeChild[] = [];
  readonly states: string[] = [];
  readonly engine: EngineProcess;

  /** What a look at the whole model file finds; undefined: it was read just now. */
  verify: InspectedModel['verify'];

  constructor(inspectError?: Error, crashedLoads?: CrashedLoads) {
    this.engine = new EngineProcess({
      clock: this.clock,
      logger: silentLogger,
      gpu: 'auto',
      threads: 0,
      contextTokens: 1024,
      ...(crashedLoads === undefined ? {} : { crashedLoads }),
      inspect: async () => {
        if (inspectError !== undefined) throw inspectError;
        const description = { kvBytesPerToken: 10 } as never;
        const { verify } = this;
        const digest = Promise.resolve('d');
        return {
          description,
          name: 'tiny',
          sizeBytes: 1,
          digest,
          ...(verify === undefined ? {} : { verify }),
        };
      },
      startChild: (events) => {
        const child = new FakeChild(events);
        this.children.push(child);
        const dispose = () => void (child.isKilled = true);
        return { pid: this.children.length, send: (message) => child.sent.push(message), dispose };
      },
    });
    this.engine.onState((state) =>
      this.states.push(state.kind === 'restarting' ? `restarting ${state.retryInMs}` : state.kind),
    );
  }

  get child(): FakeChild {
    return this.children.at(-1) as FakeChild;
  }

  async loaded(path = '/a.gguf'): Promise<this> {
    const loading = this.engine.load(path);
    await settle();
    this.child.becomeReady();
    await loading;
    return this;
  }

  async die(reason = 'it was ended by SIGSEGV', isFault = false): Promise<void> {
    this.child.events.onExit(reason, isFault);
    await settle();
  }
}

/** Lets promises that are settled already take their course. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const request: GenerateRequest = {
  tokens: [1, 2, 3],
  maxNewTokens: 5,
  stopTokens: [],
  stopTexts: [],
  adapter: undefined,
  priority: 'foreground',
};

async function checkFails(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof IdiomError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

test('stopped, loading, ready', async () => {
  const world = new World();
  await checkFails(world.engine.ready(neverAborts), 'engineFailed', /No base model/);
  await checkFails(world.engine.generate(request, neverAborts), 'engineFailed', /stopped/);
  const ready = world.loaded().then(({ engine }) => engine.state);
  const state = await ready;
  assert.ok(state.kind === 'ready');
  assert.deepEqual([state.info.name, state.info.digest, state.info.path], ['tiny', 'd', '/a.gguf']);
  assert.deepEqual(world.states, ['loading', 'loading', 'ready']);
});

test('loading the same model again does nothing, another one replaces the child', async () => {
  const world = await new World().loaded();
  assert.equal((await world.engine.load('/a.gguf')).path, '/a.gguf');
  assert.equal(world.children.length, 1);
  await world.loaded('/b.gguf');
  assert.deepEqual(
    world.children.map(({ isKilled }) => isKilled),
    [true, false],
  );
});

test('a load that is overtaken is refused', async () => {
  const world = new World();
  const first = world.engine.load('/a.gguf');
  const second = world.loaded('/b.gguf');
  await checkFails(first, 'engineFailed', /replaced by \/b\.gguf/);
  await second;
});

test('a death rejects what ran, and the engine starts again', async () => {
  const world = await new World().loaded();
  const running = world.engine.generate(request, neverAborts);
  const tokens = world.engine.tokenize(['a']);
  await world.die();
  await checkFails(running, 'engineFailed', /SIGSEGV/);
  await checkFails(tokens, 'engineFailed', /SIGSEGV/);
  await checkFails(world.engine.generate(request, neverAborts), 'engineFailed', /restarting/);
  const ready = world.engine.ready(neverAborts);
  let isLoaded = false;
  void world.engine.load('/a.gguf').then(() => (isLoaded = true));
  world.clock.advance(500);
  await settle();
  assert.equal(isLoaded, false);
  world.child.becomeReady();
  assert.equal((await ready).path, '/a.gguf');
  assert.equal(isLoaded, true);
  const again = world.engine.generate(request, neverAborts);
  world.child.finish('x');
  assert.equal((await again).text, 'x');
});

test('the wait doubles to 30 s, and starts over after a healthy minute', async () => {
  const world = await new World().loaded();
  world.states.length = 0;
  for (const waitMs of [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
    await world.die();
    assert.equal(world.states.at(-1), `restarting ${waitMs}`);
    world.clock.advance(waitMs);
    world.child.becomeReady();
    await settle();
  }
  world.clock.advance(60_000);
  await world.die();
  assert.equal(world.states.at(-1), 'restarting 500');
});

test('three deaths while loading: failed, with a remedy, and no fourth try', async () => {
  const world = new World();
  const loading = world.engine.load('/a.gguf');
  for (const waitMs of [500, 1000, 0]) {
    await settle();
    await world.die('it was ended by SIGKILL');
    world.clock.advance(waitMs);
  }
  await checkFails(loading, 'engineFailed', /died 3 times while loading.*SIGKILL/);
  assert.ok(world.engine.state.kind === 'failed' && /smaller/.test(world.engine.state.remedy ?? ''));
  world.clock.advance(100_000);
  assert.equal(world.children.length, 3);
  await checkFails(world.engine.ready(neverAborts), 'engineFailed', /died 3 times/);
});

test('a file that the engine dies of without a GPU is not tried again until it changes', async () => {
  const crashed = new Map<string, string>();
  const crashedLoads = {
    reasonOf: (path: string) => crashed.get(path),
    note: (path: string, reason: string) => void crashed.set(path, reason),
  };
  const world = new World(undefined, crashedLoads);
  const loading = world.engine.load('/a.gguf');
  await settle();
  await world.die('it was ended by SIGABRT', true);
  assert.equal(world.states.at(-1), 'restarting 500', 'the GPU may be why');
  world.clock.advance(500);
  await settle();
  await world.die('it was ended by SIGABRT', true);
  await checkFails(
    loading,
    'modelBroken',
    /died while loading \/a\.gguf: it was ended by SIGABRT\..*until it changes/,
  );
  world.clock.advance(100_000);
  assert.equal(world.children.length, 2);
  await checkFails(world.engine.load('/a.gguf'), 'modelBroken', /until it changes/);
  const later = new World(undefined, crashedLoads);
  await checkFails(later.engine.load('/a.gguf'), 'modelBroken', /until it changes/);
  assert.equal(later.children.length, 0);
  const other = later.engine.load('/b.gguf');
  await settle();
  later.child.becomeReady();
  await other;
});

test('after a death while loading the GPU is left alone', async () => {
  const world = new World();
  void world.engine.load('/a.gguf').catch(() => undefined);
  await settle();
  assert.equal(world.child.last('load').gpu, 'auto');
  await world.die();
  world.clock.advance(500);
  assert.equal(world.child.last('load').gpu, 'off');
});

test('what is wrong with the file is said, and nothing is started', async () => {
  const world = new World(new IdiomError('modelBroken', 'It is cut short.', { remedy: 'Get it again.' }));
  await checkFails(world.engine.load('/a.gguf'), 'modelBroken', /cut short/);
  assert.deepEqual([world.engine.state.kind, world.children.length], ['failed', 0]);
});

test('a refusal by the child is final', async () => {
  const world = new World();
  const loading = world.engine.load('/a.gguf');
  await settle();
  const { id } = world.child.last('load');
  world.child.say({ type: 'failed', id, code: 'modelTooLarge', message: 'It needs 9 GB.' });
  await checkFails(loading, 'modelTooLarge', /9 GB/);
  assert.equal(world.child.isKilled, true);
});

test('an abort rejects at once and is passed on; the next request waits for the child', async () => {
  const world = await new World().loaded();
  const abort = new AbortController();
  const first = world.engine.generate(request, abort.signal);
  const { id } = world.child.last('generate');
  abort.abort();
  await assert.rejects(first, isAbort);
  assert.equal(world.child.last('cancel').id, id);
  const second = world.engine.generate(request, neverAborts);
  assert.equal(world.child.last('generate').id, id);
  world.child.finish('half', 'aborted');
  await settle();
  world.child.finish('whole');
  assert.equal((await second).text, 'whole');
  assert.equal(world.engine.counters.nAborted, 1);
});

test('a child that does not react to a cancel is replaced', async () => {
  const world = await new World().loaded();
  const abort = new AbortController();
  const first = world.engine.generate(request, abort.signal);
  const second = world.engine.generate(request, neverAborts);
  abort.abort();
  await assert.rejects(first, isAbort);
  world.clock.advance(59_999);
  assert.equal(world.child.isKilled, false);
  world.clock.advance(1);
  await checkFails(second, 'engineFailed', /did not react/);
  assert.deepEqual([world.child.isKilled, world.states.at(-1)], [true, 'restarting 500']);
  world.clock.advance(500);
  world.child.becomeReady();
  await settle();
  assert.equal(world.engine.state.kind, 'ready');
});

test('a child that ends a cancelled request in time is kept', async () => {
  const world = await new World().loaded();
  const abort = new AbortController();
  const first = world.engine.generate(request, abort.signal);
  abort.abort();
  await assert.rejects(first, isAbort);
  world.child.finish('', 'aborted');
  await settle();
  world.clock.advance(120_000);
  assert.equal(world.child.isKilled, false);
});

test('a request aborted before its turn is never sent', async () => {
  const world = await new World().loaded();
  const abort = new AbortController();
  const first = world.engine.generate(request, neverAborts);
  const second = world.engine.generate(request, abort.signal);
  abort.abort();
  await assert.rejects(second, isAbort);
  world.child.finish('a');
  await first;
  assert.equal(world.child.sent.filter(({ type }) => type === 'generate').length, 1);
  await assert.rejects(world.engine.generate(request, abort.signal), isAbort);
});

test('the caller stops it: the text is what the caller saw', async () => {
  const world = await new World().loaded();
  const onText = (text: string) => (text.length >= 2 ? ('stop' as const) : ('continue' as const));
  const running = world.engine.generate({ ...request, onText }, neverAborts);
  const { id } = world.child.last('generate');
  for (const added of ['a', 'b', 'c']) world.child.say({ type: 'text', id, added });
  assert.equal(world.child.last('cancel').id, id);
  world.child.finish('abcd', 'aborted');
  const { text, stopReason } = await running;
  assert.deepEqual([text, stopReason], ['ab', 'caller']);
});

test('a listener that throws fails its own request only', async () => {
  const world = await new World().loaded();
  const onText = () => {
    throw new Error('oops');
  };
  const running = world.engine.generate({ ...request, onText }, neverAborts);
  world.child.say({ type: 'text', id: world.child.last('generate').id, added: 'a' });
  await assert.rejects(running, /oops/);
  world.child.finish('a', 'aborted');
  await settle();
  const next = world.engine.generate(request, neverAborts);
  world.child.finish('b');
  assert.equal((await next).text, 'b');
});

test('a background request that gives way resolves as aborted', async () => {
  const world = await new World().loaded();
  const background = world.engine.generate({ ...request, priority: 'background' }, neverAborts);
  const foreground = world.engine.generate(request, neverAborts);
  world.child.finish('pre', 'aborted');
  assert.equal((await background).stopReason, 'aborted');
  world.child.finish('fore');
  assert.equal((await foreground).text, 'fore');
});

test('disposing kills the child and rejects what ran', async () => {
  const world = await new World().loaded();
  const running = world.engine.generate(request, neverAborts);
  world.engine.dispose();
  await checkFails(running, 'engineFailed', /stopped/);
  assert.deepEqual([world.child.isKilled, world.states.at(-1)], [true, 'stopped']);
  await checkFails(world.engine.load('/a.gguf'), 'engineFailed', /stopped/);
});

test('waiting for ready ends with its signal', async () => {
  const world = new World();
  void world.engine.load('/a.gguf').catch(() => undefined);
  const abort = new AbortController();
  const waiting = world.engine.ready(abort.signal);
  abort.abort();
  await assert.rejects(waiting, isAbort);
});

/** An engine whose model file is read as a whole once it is left alone; `nReads` times by now. */
async function believing(found: 'whole' | 'damaged' | 'replaced'): Promise<World & { nReads: number }> {
  const world = Object.assign(new World(), { nReads: 0 });
  world.verify = () => {
    world.nReads++;
    return Promise.resolve(found);
  };
  await world.loaded();
  return world;
}

async function advance({ clock }: World, ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

test('a digest that was believed is held against the file once nobody asks for anything', async () => {
  const world = await believing('whole');
  assert.deepEqual([world.nReads, world.states.at(-1)], [0, 'ready']);
  await advance(world, 15_000);
  const asked = world.engine.generate(request, neverAborts);
  world.child.finish('a');
  await asked;
  await advance(world, 15_000);
  assert.equal(world.nReads, 0);
  await advance(world, 15_000);
  assert.deepEqual([world.nReads, world.states.at(-1)], [1, 'ready']);
  await advance(world, 600_000);
  assert.equal(world.nReads, 1);
});

test('who types on and on sees the file read all the same', async () => {
  const world = await believing('whole');
  for (let s = 0; s < 900 && world.nReads === 0; s += 15) {
    const asked = world.engine.generate(request, neverAborts);
    world.child.finish('a');
    await asked;
    await advance(world, 15_000);
  }
  assert.equal(world.nReads, 1);
});

test('a damaged model serves no more, until somebody has it loaded as it is', async () => {
  const world = await believing('damaged');
  const { child } = world;
  await advance(world, 20_000);
  assert.deepEqual([child.isKilled, world.states.at(-1)], [true, 'failed']);
  await checkFails(world.engine.ready(neverAborts), 'modelBroken', /contents have changed/);
  world.verify = undefined;
  await world.loaded();
  assert.equal(world.states.at(-1), 'ready');
});

test('a model file that was replaced meanwhile serves on as it was loaded', async () => {
  const world = await believing('replaced');
  await advance(world, 20_000);
  assert.deepEqual([world.nReads, world.states.at(-1)], [1, 'ready']);
});
