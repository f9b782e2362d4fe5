/** Which base model `auto` means on which machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBaseModelRef } from '../../../server/llama/baseModelRef.ts';
import { fitOf, modelsForMachine, recommendedModels } from '../../../server/llama/recommended.ts';

/** "cores, GB memory, GB of GPU memory" -> sizes in millions of parameters, best first. */
function check(machine: string, expected: string): void {
  const [nPhysicalCores = 0, memory = 0, gpu = 0] = machine.split(' ').map(Number);
  test(machine, () => {
    const found = modelsForMachine({
      device: gpu > 0 ? 'vulkan' : 'cpu',
      nPhysicalCores,
      memoryBytes: memory * 1e9,
      gpuMemoryBytes: gpu * 1e9,
    });
    assert.equal(found.map(({ name }) => name.replace(/^.* |^SmolLM2-/, '')).join(' '), expected);
  });
}

check('2 25 0', '135M');
check('4 16 0', '0.5B 135M');
check('8 32 0', '1.5B 0.5B 135M');
check('16 6 0', '0.5B 135M');
check('2 16 8', '1.5B 0.5B 135M');
check('2 16 2', '0.5B 135M');
check('8 3 0', '135M');
check('1 0.5 0', '135M');

test('every recommended model can be named in the setting, and none is a 3B', () => {
  for (const { ref, name } of recommendedModels) {
    assert.match(parseBaseModelRef(ref).kind, /^(hub|embedded)$/);
    assert.doesNotMatch(name, /3B/);
  }
});

test('too little memory is told apart from too few cores', () => {
  const machine = { device: 'cpu', nPhysicalCores: 2, memoryBytes: 4e9, gpuMemoryBytes: 0 };
  assert.deepEqual(
    recommendedModels.map((model) => fitOf(model, machine)),
    ['tooLarge', 'slow', 'good'],
  );
});
