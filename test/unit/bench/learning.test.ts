/** What the learning bench makes of its measurements, and the wider adapters that it starts from. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { drawCurve } from '../../../bench/learning/drawCurve.ts';
import type { LineRecord, TrainingRecord } from '../../../bench/learning/records.ts';
import { readRecord, writeRecord } from '../../../bench/learning/records.ts';
import { summarise } from '../../../bench/learning/summarise.ts';
import { widenAdapter } from '../../../bench/learning/widenAdapter.ts';
import { sightOf } from '../../../bench/learning/wordsInSight.ts';
import type { StoredAdapter } from '../../../server/registry/adapterStore.ts';
import { exportLoraGguf } from '../../../server/training/lora/exportAdapter.ts';
import { loraOptionsSchema } from '../../../server/training/lora/loraOptions.ts';
import { readParent } from '../../../server/training/run/readParent.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import {
  isNear,
  openRecorded,
  readRecorded,
  referenceFolder,
  wholeExamplesOf,
} from '../../support/recordedTraining.ts';

const repository = new Set(['render', 'widget', '1.2']);

for (const [middle, prompt, sight] of [
  ['open(file)', 'open a file', 'prompt'],
  ['a + b', '', 'prompt'],
  ['render(file)', 'file', 'repository'],
  ['version: 1.2', 'version 1.3', 'repository'],
  ['render(gadget)', '', 'nowhere'],
  ['open()\ngadget()', 'open', 'prompt'],
] as const) {
  test(`the words of ${JSON.stringify(middle)} after ${JSON.stringify(prompt)}: ${sight}`, () =>
    assert.equal(sightOf(middle, prompt, repository), sight));
}

function line(key: string, nllAfter: number, exactMatch?: number): LineRecord {
  const before = { exactMatch: 0, editSimilarity: 0.5 };
  return {
    ...{ key, nllBefore: 2, nllAfter },
    ...(exactMatch === undefined
      ? {}
      : { suggested: { sight: 'prompt', before, after: { exactMatch, editSimilarity: 0.5 } } }),
  };
}

function training(variant: string, lines: readonly LineRecord[]): TrainingRecord {
  return { repo: 'r', variant, nSteps: 60, nTokens: 70_000, trainingSeconds: 200, lines: [...lines] };
}

const usual = training('steps60', [line('a', 1, 1), line('b', 1.5, 0), line('c', 2)]);
const wide = training('rank64', [line('b', 1.25), line('a', 1), line('d', 0)]);

test('a variant is compared with as many steps of the defaults, on the lines that both have', () => {
  const { variants, comparisons } = summarise([usual, wide]);
  const [first] = variants;
  assert.equal(first?.nll?.change, -0.5);
  assert.equal(first.exactMatch?.change, 50);
  assert.equal(first.bySight['prompt']?.exactMatch?.nLines, 2);
  assert.equal(first.bySight['nowhere']?.exactMatch, undefined);
  assert.deepEqual(
    first.byNll.map(({ nll }) => nll?.nLines ?? 0),
    [0, 0, 2, 1, 0],
  );
  const second = comparisons[1]?.nllMinusDefaults;
  assert.deepEqual([second?.nLines, second?.change], [2, -0.125]);
});

test('the curve goes from nothing to each training with the defaults', () => {
  const picture = drawCurve([usual, wide]);
  assert.equal(picture.match(/<circle/g)?.length, 2);
  assert.match(picture, /d="M56 [\d.]+ L610 [\d.]+"/);
});

test('a record is there again; what was not measured is not', () => {
  const folder = temporaryFolder();
  try {
    writeRecord(join(folder, 'r.json'), usual);
    assert.deepEqual(readRecord(join(folder, 'r.json')), usual);
    assert.equal(readRecord(join(folder, 'other.json')), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a wider adapter computes the same, and none is made smaller', async () => {
  const recorded = readRecorded('tinyLlama');
  const whole = wholeExamplesOf(recorded);
  const basePath = join(referenceFolder, 'tinyLlama.gguf');
  const lora = { r: 2, loraAlpha: 4, firstLayer: 1 };
  const folder = temporaryFolder();
  const trainer = await openRecorded(basePath, recorded, { lora });
  const ggufPath = join(folder, 'adapter.gguf');
  await exportLoraGguf(ggufPath, trainer, 'F16');
  const stored = { digest: '', folder, ggufPath, lineage: { lora } } as unknown as StoredAdapter;
  const wider = await widenAdapter(stored, basePath, folder, { r: 3, firstLayer: 0 });
  const options = loraOptionsSchema.parse(wider.lineage['lora']);
  const other = await openRecorded(basePath, recorded, { lora: options });
  try {
    trainer.parameters.set(await readParent(ggufPath, trainer));
    other.parameters.set(await readParent(wider.ggufPath, other));
    assert.ok(other.parameters.length > trainer.parameters.length);
    const flat = (arrays: readonly Float32Array[]) => arrays.flatMap((array) => [...array]);
    isNear(flat(await other.evaluate(whole)), flat(await trainer.evaluate(whole)), 2e-5, 'likelihoods');
    await assert.rejects(widenAdapter(stored, basePath, folder, { r: 1, firstLayer: 0 }), RangeError);
  } finally {
    trainer.dispose();
    other.dispose();
    rmSync(folder, { recursive: true });
  }
});
