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
import { writeGguf } from '../../server/gguf/writeGguf.ts';
import { neverAborts } from '../../server/base/abort.ts';
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

test('an architecture that llama.cpp does not know', async () => {
  const path = join(folder, 'martian.gguf');
  await writeTinyModel(path, 'martian');
  await checkRefused(path, 'modelUnsupported', /"martian"/);
});

test('a llama that lacks what a llama needs', async () => {
  const path = join(folder, 'hollow.gguf');
  await writeTinyModel(path, 'llama');
  await checkRefused(path, 'modelBroken', /hollow\.gguf/);
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

/** A header that parses, around a single tensor. */
async function writeTinyModel(path: string, architecture: string): Promise<void> {
  const text = (value: string): MetadataValue => ({ type: 'string', value });
  const count = (value: number): MetadataValue => ({ type: 'uint32', value });
  const metadata = new Map<string, MetadataValue>([
    ['general.architecture', text(architecture)],
    [`${architecture}.block_count`, count(1)],
    [`${architecture}.embedding_length`, count(32)],
    [`${architecture}.attention.head_count`, count(1)],
    [`${architecture}.context_length`, count(64)],
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.tokens', { type: 'array', elementType: 'string', value: ['a', 'b'] }],
  ]);
  const bytes = () => new Uint8Array(256);
  await writeGguf(path, {
    metadata,
    tensors: [{ name: 'token_embd.weight', shape: [32, 2], type: 'F32', bytes }],
  });
}

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
