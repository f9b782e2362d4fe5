/** The laws of merged copies, with the real model and the task adapter: same answers, no harm when they cannot be made. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LlamaModel } from 'node-llama-cpp';
import { neverAborts } from '../../server/base/abort.ts';
import { digestFile } from '../../server/base/digest.ts';
import { silentLogger } from '../../server/base/logger.ts';
import type { AdapterFile } from '../../server/llama/engine.ts';
import type { LoadOptions } from '../../server/llama/engineMessages.ts';
import type { EngineProcess } from '../../server/llama/engineProcess.ts';
import { createNativeLog, loadModelFile, startLlama } from '../../server/llama/llamaRuntime.ts';
import { createSlotContexts } from '../../server/llama/slotContexts.ts';
import { complete, startEngine, testModelPath } from './startEngine.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-merged-'));
after(() => rmSync(folder, { recursive: true }));
const taskPath = fileURLToPath(new URL('../../media/taskAdapter/adapter.gguf', import.meta.url));
const plain: AdapterFile = { path: taskPath, digest: await digestFile(taskPath) };
const serving: AdapterFile = { ...plain, mayMerge: true };
const copyName = `${plain.digest}.gguf`;

const code = `export async function readUsers(path: string): Promise<User[]> {
  const text = await readFile(path, 'utf8');
  return JSON.parse(text).users.map((user) => ({ name: user.name, age: user.age }));
}
`;
/** In nats a token, over the 30 last of `code`. Rounding the merged weights moved it by less. */
const tolerance = 0.05;

/** What the engine says of the copy, once it has served with the adapter. */
async function toldAfterServing(engine: EngineProcess, told: Promise<string>): Promise<string> {
  await complete(engine, { prompt: code, adapter: serving, maxNewTokens: 1 });
  return told;
}

async function withEngine(
  mergedFolder: string,
  check: (engine: EngineProcess, told: Promise<string>) => Promise<void>,
): Promise<void> {
  const { promise: told, resolve } = Promise.withResolvers<string>();
  const debug = (_: string, message: string) => {
    if (message.includes(plain.digest)) resolve(message);
  };
  const engine = startEngine({ mergedFolder, mergeAfterMs: 100, logger: { ...silentLogger, debug } });
  try {
    await engine.load(testModelPath);
    await check(engine, told);
  } finally {
    engine.dispose();
  }
}

async function nllOf(engine: EngineProcess, adapter: AdapterFile | undefined): Promise<number> {
  const [tokens = []] = await engine.tokenize([code]);
  const nats = await engine.score({ tokens, from: tokens.length - 30, adapter }, neverAborts);
  return nats.reduce((sum, each) => sum + each, 0) / nats.length;
}

test('a copy is made while nothing is asked for, serves the same, and is private', async () => {
  await withEngine(join(folder, 'made'), async (engine, told) => {
    const [base, before] = [await nllOf(engine, undefined), await nllOf(engine, serving)];
    assert.match(await toldAfterServing(engine, told), /is merged/);
    const merged = await nllOf(engine, serving);
    assert.ok(Math.abs(merged - before) < tolerance && merged !== before, `${before} ${merged}`);
    assert.ok(Math.abs(base - before) > tolerance, 'The adapter must matter here.');
    assert.equal(await nllOf(engine, plain), before, 'Measurements use the adapter as it is.');
    assert.equal(await nllOf(engine, serving), merged);
    assert.equal(await nllOf(engine, undefined), base);
  });
  assert.deepEqual(readdirSync(join(folder, 'made')).sort(), [copyName, `${plain.digest}.sha256`]);
  const { mode } = statSync(join(folder, 'made', copyName));
  assert.equal(process.platform === 'win32' ? 0o600 : mode & 0o777, 0o600);
});

test('a damaged copy is made anew, one that is whole is not', async () => {
  const path = join(folder, 'made', copyName);
  const wholeBytes = statSync(path).size;
  const { ino } = statSync(path);
  await withEngine(join(folder, 'made'), async (engine, told) => {
    assert.match(await toldAfterServing(engine, told), /is merged/);
  });
  assert.equal(statSync(path).ino, ino);
  truncateSync(path, 1_000_000);
  await withEngine(join(folder, 'made'), async (engine, told) => {
    assert.match(await toldAfterServing(engine, told), /is merged/);
  });
  assert.equal(statSync(path).size, wholeBytes);
});

test('where no copy can be written, the adapter serves as it is', async () => {
  writeFileSync(join(folder, 'file'), '');
  await withEngine(join(folder, 'file'), async (engine, told) => {
    const before = await nllOf(engine, plain);
    assert.match(await toldAfterServing(engine, told), /serves without being merged/);
    assert.equal(await nllOf(engine, serving), before);
  });
});

test('where a copy gets no context, the adapter serves as it is, and the copy is not tried again', async () => {
  const log = createNativeLog(() => undefined);
  const llama = await startLlama(false, log);
  const model = await loadModelFile(llama, testModelPath, log, () => undefined);
  const given: string[] = [];
  // As a machine without memory for it would.
  const tooLarge = { createContext: () => Promise.reject(new Error('no memory')) } as unknown as LlamaModel;
  const contexts = await createSlotContexts({
    ...{ llama, model, log, contextTokens: 256, sliceTokens: 64, nThreads: 1, governor: undefined },
    options: { nSlots: 1, nAdapterContexts: 1 } as LoadOptions,
    merged: {
      modelOf: () => Promise.resolve(given.length === 0 ? tooLarge : undefined),
      release: () => Promise.resolve(),
      giveUp: (digest, why) => Promise.resolve(void given.push(`${digest}: ${why}`)),
    },
  });
  const nllOfTokens = async (adapter: AdapterFile) => {
    const sequence = await contexts.sequenceFor([1, 2, 3], adapter);
    await sequence.keepPrefix([]);
    return sequence.probabilities([1, 2, 3], [2, 3, 4]);
  };
  const found = await nllOfTokens(serving);
  assert.deepEqual(given, [`${serving.digest}: no memory`]);
  assert.deepEqual(found, await nllOfTokens(plain));
  await llama.dispose();
});
