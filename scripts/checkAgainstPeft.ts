/**
 * Compares training with PyTorch and PEFT live: records their values anew, runs the tests on them, and lets PEFT load what
 * is exported here. Usage: IDIOM_TEST_MODEL=BASE.gguf node scripts/checkAgainstPeft.ts PYTHON, where PYTHON is an
 * interpreter with torch, transformers, peft and gguf. `npm test` compares with recorded values and needs no Python.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportPeftFolder } from '../server/training/lora/exportAdapter.ts';

const [python] = process.argv.slice(2);
const basePath = process.env['IDIOM_TEST_MODEL'];
if (python === undefined || basePath === undefined) {
  process.stderr.write('Usage: IDIOM_TEST_MODEL=BASE.gguf node scripts/checkAgainstPeft.ts PYTHON\n');
  process.exit(2);
}
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'idiom-peft-'));
const script = (name: string) => join(root, 'scripts', 'referenceValues', name);
const runPython = (name: string, ...args: string[]): string =>
  execFileSync(python, [script(name), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Set before the tests' support is loaded, which reads it then. */
process.env['IDIOM_REFERENCE_VALUES'] = folder;
const { isNear, openRecorded, readRecorded, restoreParameters } =
  await import('../test/support/recordedTraining.ts');

try {
  runPython('tinyModels.py', folder);
  runPython('training.py', basePath, join(folder, 'embedded.json'), 'real');
  for (const name of ['tinyLlama', 'tinyQwen2']) {
    const base = join(folder, `${name}.gguf`);
    const recordedPath = join(folder, `${name}.json`);
    runPython('training.py', base, recordedPath, 'tiny');
    const recorded = readRecorded(name);
    const trainer = await openRecorded(base, recorded);
    restoreParameters(trainer, Float32Array.from(recorded.trained ?? []));
    const exported = join(folder, `${name}Exported`);
    exportPeftFolder(exported, trainer, name);
    trainer.dispose();
    const nll = JSON.parse(runPython('scoreAdapter.py', base, exported, recordedPath)) as number[];
    isNear(nll, recorded.trainedNll, 1e-4, 'likelihoods under PEFT with the exported folder');
    process.stdout.write(`${name}: PEFT loads the exported folder and finds the same likelihoods.\n`);
  }
  const tests = ['test/unit/training/lora/*.test.ts', 'test/trainer/embedded.test.ts'];
  const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...tests], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
