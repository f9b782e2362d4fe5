/** The laws of adapters, with the real model and LoRA files made here. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { digestFile } from '../../server/base/digest.ts';
import { IdiomError } from '../../server/base/errors.ts';
import { seededRandom } from '../../server/base/random.ts';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import { writeLoraGguf } from '../../server/gguf/writeLora.ts';
import type { LoraPair } from '../../server/gguf/writeLora.ts';
import type { AdapterFile } from '../../server/llama/engine.ts';
import { complete, startEngine, testModelPath, textOf } from './startEngine.ts';

const engine = startEngine({ nAdapterContexts: 2 });
const folder = mkdtempSync(join(tmpdir(), 'idiom-adapters-'));
let one: AdapterFile, two: AdapterFile, three: AdapterFile, zero: AdapterFile;

before(async () => {
  await engine.load(testModelPath);
  one = await writeAdapter('one.gguf', { seed: 1, size: 0.05 });
  two = await writeAdapter('two.gguf', { seed: 2, size: 0.05 });
  three = await writeAdapter('three.gguf', { seed: 3, size: 0.05 });
  zero = await writeAdapter('zero.gguf', { seed: 1, size: 0 });
});
after(() => {
  engine.dispose();
  rmSync(folder, { recursive: true });
});

const prompt = 'const users = await fetchUsers();\nfor (const user of users) {\n  ';

test('an adapter changes the output', async () => {
  const base = await textOf(engine, prompt);
  const texts = [base, await textOf(engine, prompt, one), await textOf(engine, prompt, two)];
  assert.equal(new Set(texts).size, 3, JSON.stringify(texts));
});

test('a fresh adapter (B = 0) changes nothing', async () => {
  assert.equal(await textOf(engine, prompt, zero), await textOf(engine, prompt));
});

test('without the adapter the output is exactly that of the base model', async () => {
  const fresh = startEngine();
  try {
    await fresh.load(testModelPath);
    const never = await textOf(fresh, `${prompt}// b\n`);
    await textOf(engine, `${prompt}// b\n`, one);
    assert.equal(await textOf(engine, `${prompt}// b\n`), never);
  } finally {
    fresh.dispose();
  }
});

test('switching there and back gives the same, also when a context had to make room', async () => {
  const first = await textOf(engine, prompt, one);
  const others = [await textOf(engine, prompt, two), await textOf(engine, prompt, three)];
  assert.equal(await textOf(engine, prompt, one), first);
  assert.ok(!others.includes(first));
});

test('adapters never share a KV cache', async () => {
  const tokens = Array.from({ length: 40 }, (_, i) => 500 + i * 3);
  await complete(engine, { tokens, maxNewTokens: 1 });
  const withOne = await complete(engine, { tokens, adapter: one, maxNewTokens: 1 });
  assert.equal(withOne.nReusedTokens, 0);
  assert.equal((await complete(engine, { tokens, maxNewTokens: 1 })).nReusedTokens, 39);
  assert.equal((await complete(engine, { tokens, adapter: one, maxNewTokens: 1 })).nReusedTokens, 39);
});

test('switching does not reload the model', async () => {
  const pid = engine.childPid;
  const kinds: string[] = [];
  const subscription = engine.onState(({ kind }) => kinds.push(kind));
  for (const adapter of [one, two, undefined, three]) await textOf(engine, prompt, adapter);
  subscription.dispose();
  assert.deepEqual([kinds, engine.childPid], [[], pid]);
});

async function checkRefused(adapter: AdapterFile): Promise<void> {
  const base = await textOf(engine, prompt);
  await assert.rejects(textOf(engine, prompt, adapter), (error) => {
    assert.ok(error instanceof IdiomError, String(error));
    assert.equal(error.code, 'adapterBroken');
    assert.ok(error.remedy);
    return true;
  });
  assert.equal(await textOf(engine, prompt), base);
}

test('a missing adapter is refused, the engine lives on', () =>
  checkRefused({ digest: 'f'.repeat(64), path: join(folder, 'none.gguf') }));

test('a file that is no adapter is refused', () => checkRefused(adapterOf('text.gguf', 'no adapter')));

test('the base model as an adapter is refused', async () =>
  checkRefused({ digest: await digestFile(testModelPath), path: testModelPath }));

test('an adapter for other shapes is refused', async () =>
  checkRefused(await writeAdapter('shapes.gguf', { seed: 1, size: 0.1, nInputs: 64 })));

test('an adapter for another architecture is refused', async () =>
  checkRefused(await writeAdapter('qwen2.gguf', { seed: 1, size: 0.1, architecture: 'qwen2' })));

test('a changed file is not taken for the one with that digest', async () => {
  const adapter = await writeAdapter('changed.gguf', { seed: 5, size: 0.05 });
  await checkRefused({ ...adapter, digest: 'e'.repeat(64) });
});

function adapterOf(name: string, content: string): AdapterFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { digest: 'd'.repeat(64), path };
}

interface AdapterRecipe {
  readonly seed: number;
  /** Largest value of B; A is up to 1. */
  readonly size: number;
  readonly architecture?: string;
  readonly nInputs?: number;
}

/** r 4 on the query projections of all layers. */
async function writeAdapter(name: string, recipe: AdapterRecipe): Promise<AdapterFile> {
  const { tensors } = await readGgufHeader(testModelPath);
  const random = seededRandom(recipe.seed);
  const r = 4;
  const values = (n: number, size: number) =>
    Float32Array.from({ length: n }, () => (random.next() * 2 - 1) * size);
  const pairs = tensors
    .filter((tensor) => tensor.name.endsWith('.attn_q.weight'))
    .map((tensor): LoraPair => {
      const [nModelInputs = 0, nOutputs = 0] = tensor.shape;
      const nInputs = recipe.nInputs ?? nModelInputs;
      const [loraA, loraB] = [values(r * nInputs, 1), values(nOutputs * r, recipe.size)];
      return { baseTensor: tensor.name, nInputs, nOutputs, r, loraA, loraB };
    });
  const path = join(folder, name);
  await writeLoraGguf(path, { architecture: recipe.architecture ?? 'llama', alpha: 4, type: 'F32', pairs });
  return { digest: await digestFile(path), path };
}
