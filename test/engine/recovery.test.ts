/** Death and bad files: the engine comes back, or says in a sentence why it can't. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { IdiomError } from '../../server/base/errors.ts';
import type { MetadataValue } from '../../server/gguf/format.ts';
import { neverAborts } from '../../server/base/abort.ts';
import { tinySettings, writeTinyModel } from '../support/tinyModel.ts';
import type { TinyModel } from '../support/tinyModel.ts';
import { complete, startEngine, testModelPath } from './startEngine.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-engine-'));
after(() => rmSync(folder, { recursive: true }));

test('a killed engine restarts, and what ran is refused with a reason', async () => {
  const engine = startEngine();
  try {
    await engine.load(testModelPath);
    const kinds: string[] = [];
    engine.onState(({ kind }) => kinds.at(-1) === kind || kinds.push(kind));
    const running = complete(engine, {
      prompt: 'let a = ',
      maxNewTokens: 900,
      onText() {
        process.kill(engine.childPid ?? 0, 'SIGKILL');
        return 'continue';
      },
    });
    await assert.rejects(running, (error) => error instanceof IdiomError && error.code === 'engineFailed');
    await engine.ready(neverAborts);
    assert.deepEqual(kinds, ['restarting', 'loading', 'ready']);
    assert.notEqual((await complete(engine, { prompt: 'let a = ' })).text, '');
  } finally {
    engine.dispose();
  }
});

test('the child ends when it is disposed of', async () => {
  const engine = startEngine();
  await engine.load(testModelPath);
  const pid = engine.childPid ?? 0;
  engine.dispose();
  await waitForEnd(pid);
  await assert.rejects(engine.tokenize(['a']), /engine is stopped/);
});

test('the child ends when its parent is killed', async () => {
  const script = `
    import { startEngine, testModelPath } from '${new URL('startEngine.ts', import.meta.url).href}';
    const engine = startEngine();
    await engine.load(testModelPath);
    console.log(engine.childPid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  assert.equal(isAlive(pid), true);
  parent.kill('SIGKILL');
  await waitForEnd(pid);
});

async function checkRefused(path: string, code: string, message: RegExp): Promise<void> {
  const engine = startEngine();
  try {
    await assert.rejects(engine.load(path), (error) => {
      assert.ok(error instanceof IdiomError, String(error));
      assert.equal(error.code, code, error.sentence);
      assert.match(error.message, message);
      assert.ok(error.remedy);
      return true;
    });
    assert.equal(engine.state.kind, 'failed');
    await assert.rejects(engine.ready(neverAborts), IdiomError);
  } finally {
    engine.dispose();
  }
}

test('no file', () => checkRefused(join(folder, 'none.gguf'), 'modelMissing', /none\.gguf/));

test('a file that is no GGUF', async () => {
  const path = join(folder, 'text.gguf');
  writeFileSync(path, 'import this\n'.repeat(100));
  await checkRefused(path, 'modelBroken', /text\.gguf/);
});

test('a file cut short', async () => {
  const path = join(folder, 'cut.gguf');
  copyFileSync(testModelPath, path);
  truncateSync(path, 60_000_000);
  await checkRefused(path, 'modelBroken', /cut\.gguf/);
});

test('after a refused file another one loads', async () => {
  const engine = startEngine();
  try {
    await assert.rejects(engine.load(join(folder, 'none.gguf')), IdiomError);
    assert.equal((await engine.load(testModelPath)).architecture, 'llama');
    assert.equal(engine.state.kind, 'ready');
  } finally {
    engine.dispose();
  }
});

/** The tiny llama under another name. */
const martian = Object.fromEntries(
  Object.entries(tinySettings)
    .filter(([key]) => key.startsWith('llama.'))
    .flatMap(([key, value]) => [
      [key, undefined],
      [key.replace('llama', 'martian'), value],
    ])
    .concat([['general.architecture', { type: 'string', value: 'martian' }]]),
) as Readonly<Record<string, MetadataValue | undefined>>;

test('an architecture that llama.cpp does not know', async () => {
  const path = join(folder, 'martian.gguf');
  await writeTinyModel(path, { settings: martian });
  await checkRefused(path, 'modelUnsupported', /"martian"/);
});

test('a llama that lacks what a llama needs', async () => {
  const path = join(folder, 'hollow.gguf');
  await writeTinyModel(path, { settings: { 'llama.attention.layer_norm_rms_epsilon': undefined } });
  await checkRefused(path, 'modelBroken', /hollow\.gguf/);
});

/** Numbers of which some are fatal to llama.cpp: each comes back as a sentence, and no engine dies of it. */
const hostile: readonly TinyModel[] = [
  { settings: { 'llama.feed_forward_length': { type: 'uint32', value: 1 } } },
  { settings: { 'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e30 } } },
  { settings: { 'llama.attention.head_count': { type: 'uint32', value: 3 } } },
  { settings: { 'llama.rope.dimension_count': { type: 'uint32', value: 7 } } },
  { settings: { 'llama.expert_used_count': { type: 'uint32', value: 9 } } },
  { settings: { 'tokenizer.ggml.tokens': { type: 'array', elementType: 'uint32', value: [1, 2] } } },
  { settings: { 'tokenizer.ggml.token_type': { type: 'array', elementType: 'int32', value: [1] } } },
  { types: { 'blk.0.attn_q.weight': 'I32' } },
  { shapes: { 'blk.0.ffn_down.weight': [32, 32] } },
];
test('numbers that llama.cpp would die of never reach it', async () => {
  for (const [i, change] of hostile.entries()) {
    const path = join(folder, `hostile${i}.gguf`);
    await writeTinyModel(path, change);
    const engine = startEngine();
    await assert.rejects(engine.load(path), (error) => {
      assert.ok(error instanceof IdiomError && error.code === 'modelBroken', `${i}: ${String(error)}`);
      assert.match(error.sentence, /is broken: its .*Download it again/);
      return true;
    });
    assert.equal(engine.childPid, undefined);
    engine.dispose();
  }
});

/** What the check lets through, the engine computes with. */
const unusual: TinyModel['settings'][] = [
  {},
  { 'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 0.1 } },
  { 'llama.rope.freq_base': { type: 'float32', value: 1 } },
  { 'llama.rope.freq_base': { type: 'float32', value: 1e15 } },
  { 'llama.rope.scaling.factor': { type: 'float32', value: 1e9 } },
  { 'llama.context_length': { type: 'uint32', value: 2 ** 31 - 1 } },
  { 'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 0 } },
];
test('unusual numbers within their ranges load and compute', async () => {
  for (const [i, settings = {}] of unusual.entries()) {
    const path = join(folder, `unusual${i}.gguf`);
    await writeTinyModel(path, { settings });
    const engine = startEngine({ contextTokens: 128 });
    try {
      await engine.load(path);
      await complete(engine, { prompt: 'a(b)', maxNewTokens: 4 });
    } catch (error) {
      assert.fail(`${i}: ${String(error)}`);
    } finally {
      engine.dispose();
    }
  }
});

test('more context than there is memory', async () => {
  const engine = startEngine({ contextTokens: 1_000_000_000 });
  try {
    await assert.rejects(engine.load(testModelPath), (error) => {
      assert.ok(error instanceof IdiomError);
      assert.equal(error.code, 'modelTooLarge');
      assert.match(error.sentence, /needs \d+\.\d GB of memory and \d+\.\d GB are free.*smaller/);
      return true;
    });
  } finally {
    engine.dispose();
  }
});

/** Fails after ten seconds. */
async function waitForEnd(pid: number): Promise<void> {
  for (let i = 0; i < 500 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isAlive(pid), false);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
