/** Numbers that an expert changes in a file, and what is said of a file that is wrong. */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IdiomError } from '../../../server/base/errors.ts';
import { defaultLoopOptions, readLoopOptions } from '../../../server/learning/loopOptions.ts';
import type { LoopOptions } from '../../../server/learning/loopOptions.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

function withFile(text: string | undefined, body: (path: string) => void): void {
  const folder = temporaryFolder();
  try {
    const path = join(folder, 'learning.json');
    if (text !== undefined) writeFileSync(path, text);
    body(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function check(name: string, value: unknown, expected: Partial<LoopOptions>): void {
  test(name, () =>
    withFile(value === undefined ? undefined : JSON.stringify(value), (path) =>
      assert.deepEqual(readLoopOptions(path), {
        ...defaultLoopOptions,
        nFrozen: undefined,
        nOutside: undefined,
        ...expected,
      }),
    ),
  );
}

test('without a file the defaults hold', () =>
  withFile(undefined, (path) => assert.equal(readLoopOptions(path), defaultLoopOptions)));
check('an empty object changes nothing', {}, {});
check(
  'single numbers are changed',
  { gate: { minCases: 3 }, canary: { alpha: 0.1 }, nCompleted: 2 },
  {
    gate: { ...defaultLoopOptions.gate, minCases: 3 },
    canary: { ...defaultLoopOptions.canary, alpha: 0.1 },
    nCompleted: 2,
  },
);
check(
  'a rank brings its alpha',
  { training: { r: 8, nSteps: 5, learningRate: 1e-3, threads: 1 } },
  {
    training: {
      ...defaultLoopOptions.training,
      nSteps: 5,
      threads: 1,
      lora: { ...defaultLoopOptions.training.lora, r: 8, loraAlpha: 16 },
      optimiser: { ...defaultLoopOptions.training.optimiser, learningRate: 1e-3 },
    },
  },
);

function checkBad(name: string, text: string, why: RegExp): void {
  test(name, () =>
    withFile(text, (path) =>
      assert.throws(
        () => readLoopOptions(path),
        (error: IdiomError) => error.code === 'badFile' && why.test(error.sentence),
      ),
    ),
  );
}
checkBad('a misspelt name is named', '{"gate": {"minCasse": 3}}', /minCasse.*Correct it or remove it/s);
checkBad('a text in the place of a number', '{"canary": {"alpha": "low"}}', /alpha/);
checkBad('no JSON', '{', /no JSON/);
