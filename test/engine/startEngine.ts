/** A real engine with the embedded model in a real child, for the tests of this folder. */

import assert from 'node:assert/strict';
import { systemClock } from '../../server/base/clock.ts';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import type { AdapterFile, GenerateRequest, GenerateResult } from '../../server/llama/engine.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';
import type { EngineProcessOptions } from '../../server/llama/engineProcess.ts';

export const testModelPath = process.env['IDIOM_TEST_MODEL'] ?? '';
assert.notEqual(testModelPath, '', 'Set IDIOM_TEST_MODEL to a GGUF file, or run these tests with npm test.');

export function startEngine(options: Partial<EngineProcessOptions> = {}): EngineProcess {
  return new EngineProcess({
    clock: systemClock,
    logger: silentLogger,
    gpu: 'off',
    // Fixed, so that results do not depend on what else runs; one, so that a busy machine does not slow the tests down.
    threads: 1,
    contextTokens: 1024,
    ...options,
  });
}

export type Wish = Partial<GenerateRequest> & { readonly prompt?: string; readonly signal?: AbortSignal };

/** Completes `prompt` (or `tokens`) with 12 new tokens unless told otherwise. */
export async function complete(engine: EngineProcess, wish: Wish): Promise<GenerateResult> {
  const { prompt = '', signal = neverAborts, ...request } = wish;
  const tokens = request.tokens ?? (await engine.tokenize([prompt]))[0] ?? [];
  return engine.generate(
    {
      maxNewTokens: 12,
      stopTokens: [],
      stopTexts: [],
      adapter: undefined,
      priority: 'foreground',
      ...request,
      tokens,
    },
    signal,
  );
}

/** Text of a completion with or without an adapter. */
export async function textOf(engine: EngineProcess, prompt: string, adapter?: AdapterFile): Promise<string> {
  return (await complete(engine, { prompt, adapter })).text;
}

/** TypeScript text of about `nLines` lines, each different. */
export function sampleCode(nLines: number): string {
  return Array.from(
    { length: nLines },
    (_, i) => `export const value${i} = compute(${i * 7}, 'name${i}');\n`,
  ).join('');
}
