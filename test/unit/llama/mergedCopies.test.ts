/** When a merged copy is made, loaded and deleted; the engine that would load it is a list of paths here. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LlamaModel } from 'node-llama-cpp';
import { digestFile } from '../../../server/base/digest.ts';
import type { AdapterFile } from '../../../server/llama/engine.ts';
import { createMergedCopies } from '../../../server/llama/mergedCopies.ts';
import type { MergedCopies } from '../../../server/llama/mergedCopies.ts';
import { writeTinyAdapter, writeTinyBase } from '../../support/tinyLora.ts';

interface World {
  readonly copies: MergedCopies;
  /** Paths of models that were loaded, `-` before those that were unloaded. */
  readonly loads: string[];
  readonly folder: string;
  adapter(alpha: number): Promise<AdapterFile>;
  /** Asks for the copy until the engine says what became of it. */
  ready(adapter: AdapterFile): Promise<string>;
  /** What the engine says next. */
  told(): Promise<string>;
}

async function withWorld(
  check: (world: World) => Promise<void>,
  whenQuiet: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'idiom-merged-'));
  try {
    const folder = join(root, 'merged');
    const loads: string[] = [];
    let tell = (_: string) => {};
    const copies = createMergedCopies({
      ...{ folder, whenQuiet, basePath: await writeTinyBase(root), baseBytes: 1000 },
      load(path) {
        loads.push(path.slice(folder.length + 1, folder.length + 5));
        const dispose = () =>
          Promise.resolve(void loads.push(`-${path.slice(folder.length + 1, folder.length + 5)}`));
        return Promise.resolve({ dispose } as unknown as LlamaModel);
      },
      log: (message) => tell(message),
    });
    assert.ok(copies !== undefined);
    function told(): Promise<string> {
      const { promise, resolve } = Promise.withResolvers<string>();
      tell = resolve;
      return promise;
    }
    await check({
      ...{ copies, loads, folder },
      async adapter(alpha) {
        const path = await writeTinyAdapter(root, `${alpha}.gguf`, { alpha });
        return { path, digest: await digestFile(path) };
      },
      ready(adapter) {
        const said = told();
        void copies.modelOf(adapter);
        return said;
      },
      told,
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

const short = ({ digest }: AdapterFile) => digest.slice(0, 4);

test('a copy is there after it was asked for, and until it is released', () =>
  withWorld(async ({ copies, loads, adapter, ready }) => {
    const one = await adapter(1);
    assert.match(await ready(one), /is merged/);
    assert.ok((await copies.modelOf(one)) !== undefined);
    await copies.release(one.digest);
    assert.match(await ready(one), /is merged/);
    assert.deepEqual(loads, [short(one), `-${short(one)}`, short(one)]);
  }));

test('the three that were used last stay on the disk', () =>
  withWorld(async ({ copies, folder, adapter, ready }) => {
    const adapters = [await adapter(1), await adapter(2), await adapter(3), await adapter(4)];
    const [first, second] = adapters;
    assert.ok(first !== undefined && second !== undefined);
    for (const [i, each] of adapters.slice(0, 3).entries()) {
      await ready(each);
      utimesSync(join(folder, `${each.digest}.sha256`), 1000 + i, 1000 + i);
    }
    await copies.release(first.digest);
    await ready(first);
    await ready(adapters[3] as AdapterFile);
    const left = readdirSync(folder).filter((name) => name.endsWith('.gguf'));
    const expected = adapters.filter((each) => each !== second).map(({ digest }) => `${digest}.gguf`);
    assert.deepEqual(left.sort(), expected.sort());
    assert.equal(readdirSync(folder).length, 6);
  }));

test('a copy that lies there serves at once', () =>
  withWorld(async ({ copies, loads, adapter, ready }) => {
    const one = await adapter(1);
    assert.equal(await copies.modelOf(one), undefined);
    await ready(one);
    await copies.release(one.digest);
    assert.ok((await copies.modelOf(one)) !== undefined);
    assert.deepEqual(loads, [short(one), `-${short(one)}`, short(one)]);
  }));

test('a copy that was touched is read before it serves again, and not made anew', () =>
  withWorld(async ({ copies, loads, folder, adapter, ready }) => {
    const one = await adapter(1);
    await ready(one);
    await copies.release(one.digest);
    const path = join(folder, `${one.digest}.gguf`);
    const { ino } = statSync(path);
    utimesSync(path, 1000, 1000);
    const told = ready(one);
    assert.equal(await copies.modelOf(one), undefined);
    assert.match(await told, /is merged/);
    await copies.release(one.digest);
    assert.ok((await copies.modelOf(one)) !== undefined);
    assert.equal(statSync(path).ino, ino);
    assert.equal(loads.filter((load) => load === short(one)).length, 3);
  }));

test('a copy whose content is not what was noted serves until it was read, and is made anew', async () => {
  let reads = Promise.resolve();
  await withWorld(
    async ({ copies, loads, folder, adapter, ready, told }) => {
      const one = await adapter(1);
      await ready(one);
      await copies.release(one.digest);
      const note = join(folder, `${one.digest}.sha256`);
      writeFileSync(note, readFileSync(note, 'utf8').replace(/^[0-9a-f]{64}/, '0'.repeat(64)));
      const { promise: idle, resolve: becomeIdle } = Promise.withResolvers<void>();
      reads = idle;
      assert.ok((await copies.modelOf(one)) !== undefined);
      const damaged = told();
      becomeIdle();
      assert.match(await damaged, /is damaged/);
      assert.equal(await copies.modelOf(one), undefined);
      await copies.release(one.digest);
      assert.match(await ready(one), /is merged/);
      assert.match(readFileSync(note, 'utf8'), /^(?!0{64})[0-9a-f]{64}\n/);
      assert.deepEqual(loads, [short(one), `-${short(one)}`, short(one), `-${short(one)}`, short(one)]);
    },
    () => reads,
  );
});

test('nothing is made before it has been quiet for a while', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: idle, resolve: becomeIdle } = Promise.withResolvers<void>();
  const whenQuiet = () => {
    ask();
    return idle;
  };
  await withWorld(async ({ folder, loads, adapter, ready }) => {
    const told = ready(await adapter(1));
    await asked;
    const copies = () =>
      (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.gguf'));
    assert.deepEqual([copies(), loads], [[], []]);
    becomeIdle();
    assert.match(await told, /is merged/);
    assert.equal(copies().length, 1);
  }, whenQuiet);
});

test('a changed adapter is not merged, and not asked for again', () =>
  withWorld(async ({ copies, loads, adapter, ready }) => {
    const one = await adapter(1);
    writeFileSync(one.path, 'x');
    assert.match(await ready(one), /without being merged: .*changed/);
    assert.equal(await copies.modelOf(one), undefined);
    assert.deepEqual(loads, []);
  }));

test('a large base model has no copies', () =>
  assert.equal(
    createMergedCopies({
      ...{ folder: 'never', basePath: 'never', baseBytes: 4e9 },
      load: () => assert.fail(),
      whenQuiet: () => Promise.resolve(),
      log: () => undefined,
    }),
    undefined,
  ));
