/** One loop for each repository and loaded base model, however many windows, and why there is none. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDisposable } from '../../../server/base/disposable.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import type { Repository } from '../../../server/git/repository.ts';
import { LiveLoops } from '../../../server/learning/liveLoops.ts';
import type { LearningLoop } from '../../../server/learning/loop.ts';
import type { Engine, EngineState } from '../../../server/llama/engine.ts';

function createScene() {
  const states = new Emitter<EngineState>();
  const log: string[] = [];
  const scene = {
    log,
    isBroken: false,
    state: { kind: 'stopped' } as EngineState,
    load(digest: string) {
      scene.state = { kind: 'ready', info: { digest } } as EngineState;
      states.fire(scene.state);
    },
    loops: undefined as unknown as LiveLoops,
  };
  const engine = {
    get state() {
      return scene.state;
    },
    onState: (listener: (state: EngineState) => void) => states.on(listener),
  } as Engine;
  scene.loops = new LiveLoops({
    engine,
    logger: silentLogger,
    open: (root) => Promise.resolve({ root, repoId: root } as Repository),
    create(repository, info) {
      if (scene.isBroken) throw new Error('The table is gone.');
      const name = `${repository.root} ${info.digest}`;
      log.push(`begin ${name}`);
      return {
        onChange: () => toDisposable(() => undefined),
        dispose: () => log.push(`end ${name}`),
      } as unknown as LearningLoop;
    },
  });
  return scene;
}

const folder = (root: string, repoId = root) => ({ root, repoId, settingGlobs: [] });

test('a clone of the same repository joins its loop; where the folder is gone, the loop moves', async () => {
  const scene = createScene();
  scene.load('small');
  scene.loops.use(folder('/', 'repo'));
  await scene.loops.opened('repo');
  scene.loops.use(folder('/clone', 'repo'));
  await scene.loops.opened('repo');
  assert.deepEqual(scene.log, ['begin / small']);
  const other = createScene();
  other.load('small');
  other.loops.use(folder('/not/there', 'repo'));
  await other.loops.opened('repo');
  other.loops.use(folder('/', 'repo'));
  await other.loops.opened('repo');
  assert.deepEqual(other.log, ['begin /not/there small', 'end /not/there small', 'begin / small']);
});

test('two windows share a loop, which ends with the last of them', async () => {
  const scene = createScene();
  scene.load('small');
  const users = [scene.loops.use(folder('a')), scene.loops.use(folder('a'))];
  await scene.loops.opened('a');
  users[0]?.dispose();
  users[0]?.dispose();
  assert.deepEqual(scene.log, ['begin a small']);
  users[1]?.dispose();
  assert.deepEqual(scene.log, ['begin a small', 'end a small']);
  assert.equal(scene.loops.of('a'), undefined);
});

test('a loop comes with the base model, and another one with another base model', async () => {
  const scene = createScene();
  scene.loops.use(folder('a'));
  await scene.loops.opened('a');
  assert.deepEqual([scene.loops.of('a'), scene.loops.troubleOf('a')], [undefined, undefined]);
  for (const digest of ['small', 'small', 'large']) scene.load(digest);
  assert.deepEqual(scene.log, ['begin a small', 'end a small', 'begin a large']);
});

test('what stands in the way of a loop is told, and looked at again with another base model', async () => {
  const scene = createScene();
  scene.isBroken = true;
  scene.load('small');
  scene.loops.use(folder('a'));
  await scene.loops.opened('a');
  assert.equal(scene.loops.troubleOf('a'), 'The table is gone.');
  scene.isBroken = false;
  scene.load('large');
  assert.equal(scene.loops.troubleOf('a'), undefined);
  assert.notEqual(scene.loops.of('a'), undefined);
});

test('a repository that was left before it was looked at has no loop', async () => {
  const scene = createScene();
  scene.load('small');
  const user = scene.loops.use(folder('a'));
  const opened = scene.loops.opened('a');
  user.dispose();
  await opened;
  assert.deepEqual(scene.log, []);
});
