/**
 * Trains a tiny model on the WebGPU provider and compares loss, gradients and steps with PyTorch's recorded ones.
 * Usage: node scripts/checkWebGpu.ts [--own-gpu]. Without the option it computes with SwiftShader, the software GPU that comes
 * with Chromium on Linux, which takes about a minute; with it, on the GPU of this machine.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findChromium } from './codeServer/chromium.ts';

const driver = 'libvk_swiftshader.so';
/** Where packages keep Chromium itself when the program on the PATH is a script. */
const chromiumFolders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
/** Single precision on both sides, sums in another order; of the largest gradient. */
const tolerance = 1e-4;

process.exitCode = process.argv.includes('--own-gpu') ? await check() : checkInSoftware();

/**
 * Runs this again with SwiftShader in the place of the Vulkan loader: it has the loader's entry point itself, and the loader
 * must be found when the process starts.
 */
function checkInSoftware(): number {
  const chromium = findChromium();
  const folders = [...(chromium === undefined ? [] : [dirname(realpathSync(chromium))]), ...chromiumFolders];
  const folder = folders.find((candidate) => existsSync(join(candidate, driver)));
  if (folder === undefined) {
    process.stderr.write(
      `There is no ${driver} here. Install Chromium, or give --own-gpu on a machine with a GPU.\n`,
    );
    return 4;
  }
  const libraries = mkdtempSync(join(tmpdir(), 'idiom-vulkan-'));
  try {
    symlinkSync(join(folder, driver), join(libraries, 'libvulkan.so.1'));
    const env = { XDG_RUNTIME_DIR: libraries, ...process.env, LD_LIBRARY_PATH: libraries };
    const args = ['--disable-warning=ExperimentalWarning', import.meta.filename, '--own-gpu'];
    return spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(libraries, { recursive: true });
  }
}

async function check(): Promise<number> {
  const { examplesOf, isNear, openRecorded, readRecorded, referenceFolder } =
    await import('../test/support/recordedTraining.ts');
  for (const name of ['tinyLlama', 'tinyQwen2']) {
    const recorded = readRecorded(name);
    const trainer = await openRecorded(join(referenceFolder, `${name}.gguf`), recorded, {
      trainer: { onnx: { provider: 'webgpu', threads: 1 } },
    });
    const { loss, gradients } = await trainer.gradients(examplesOf(recorded));
    isNear([loss], [recorded.first.loss], tolerance, 'losses');
    const expected = recorded.first.gradients ?? [];
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    isNear(gradients, expected, tolerance, 'gradients', largest / 10);
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) losses.push((await trainer.step(examplesOf(recorded))).loss);
    isNear(losses, recorded.losses.slice(0, 3), tolerance, 'losses of steps');
    trainer.dispose();
    process.stdout.write(`${name}: loss, ${expected.length} gradients and three steps are as recorded.\n`);
  }
  return 0;
}
