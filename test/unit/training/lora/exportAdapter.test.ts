/** Exported adapters are what PEFT writes for the same training, and what llama.cpp expects. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readGgufHeader } from '../../../../server/gguf/readHeader.ts';
import { numberOf, stringOf } from '../../../../server/gguf/format.ts';
import { readTensor } from '../../../../server/gguf/readTensor.ts';
import { readSafetensors } from '../../../../server/gguf/safetensors.ts';
import { exportLoraGguf, exportPeftFolder } from '../../../../server/training/lora/exportAdapter.ts';
import { toHalves } from '../../../../server/training/lora/ropeLayout.ts';
import {
  isNear,
  openRecorded,
  readRecorded,
  referenceFolder,
  restoreParameters,
} from '../../../support/recordedTraining.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-export-'));
after(() => rmSync(folder, { recursive: true }));

/** Keys that decide what PEFT computes with the weights. */
const decisive = [
  'peft_type',
  'r',
  'lora_alpha',
  'bias',
  'fan_in_fan_out',
  'use_rslora',
  'layers_to_transform',
];

async function openTrained(name: string) {
  const recorded = readRecorded(name);
  const trainer = await openRecorded(join(referenceFolder, `${name}.gguf`), recorded);
  restoreParameters(trainer, Float32Array.from(recorded.trained ?? []));
  return trainer;
}

const floatsOf = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];

for (const name of ['tinyLlama', 'tinyQwen2']) {
  test(`${name}: the folder has PEFT's own names, shapes, numbers and settings`, async () => {
    const trainer = await openTrained(name);
    const own = join(folder, `${name}Peft`);
    exportPeftFolder(own, trainer, name);
    const written = await readSafetensors(join(own, 'adapter_model.safetensors'));
    const expected = await readSafetensors(join(referenceFolder, `${name}Peft`, 'adapter_model.safetensors'));
    assert.deepEqual([...written.tensors.keys()].sort(), [...expected.tensors.keys()].sort());
    for (const [tensor, { shape, bytes }] of expected.tensors) {
      assert.deepEqual(written.tensors.get(tensor)?.shape, shape);
      isNear(floatsOf(written.tensors.get(tensor)?.bytes ?? new Uint8Array()), floatsOf(bytes), 1e-6, tensor);
    }
    const configIn = (path: string) =>
      JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
    const [config, reference] = [configIn(own), configIn(join(referenceFolder, `${name}Peft`))];
    for (const key of decisive) assert.deepEqual(config[key], reference[key], key);
    const modules = ({ target_modules }: Record<string, unknown>) => [...(target_modules as string[])].sort();
    assert.deepEqual(modules(config), modules(reference));
    trainer.dispose();
  });

  test(`${name}: the GGUF file has each pair under the base tensor's name, in its order of rows`, async () => {
    const trainer = await openTrained(name);
    const path = join(folder, `${name}.lora.gguf`);
    await exportLoraGguf(path, trainer, 'F32');
    const header = await readGgufHeader(path, 'adapter');
    assert.equal(stringOf(header, 'general.architecture'), trainer.shape.architecture);
    assert.equal(numberOf(header, 'adapter.lora.alpha'), trainer.lora.loraAlpha);
    assert.equal(header.tensors.length, trainer.layout.matrices.length);
    const tensor = header.tensors.find((candidate) => candidate.name === 'blk.1.attn_q.weight.lora_b');
    assert(tensor !== undefined);
    const matrix = trainer.layout.matrices.find(
      ({ layerIdx, module, half }) => layerIdx === 1 && module === 'q' && half === 'loraB',
    );
    const { start = 0, length = 0 } = matrix ?? {};
    const rows = await readTensor(header, tensor);
    const expected = trainer.parameters.subarray(start, start + length);
    assert.deepEqual(toHalves(trainer.shape, 'q', rows), expected.slice());
    if (name === 'tinyLlama') assert.notDeepEqual(rows, expected.slice());
    trainer.dispose();
  });
}
