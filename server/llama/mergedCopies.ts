/**
 * Copies of the base model with an adapter merged in: made while an editor is left alone, kept as derived files, loaded
 * when they are ready. Until then, and wherever one cannot be made, the adapter serves as it is.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { LlamaModel } from 'node-llama-cpp';
import { digestFile } from '../base/digest.ts';
import { describeError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/writeFile.ts';
import { mergeLora } from '../gguf/mergeLora.ts';
import type { AdapterFile } from './engine.ts';

export interface MergedCopiesOptions {
  /** Holds nothing but such copies, each named by the digest of its adapter. */
  readonly folder: string;
  readonly basePath: string;
  readonly baseBytes: number;
  load(path: string): Promise<LlamaModel>;
  /** Resolves when nobody has asked for anything for a while, so that a copy may be made. */
  whenQuiet(): Promise<void>;
  log(message: string): void;
}

export interface MergedCopies {
  /**
   * The copy, which is loaded now if there is a file of it: an adapter that serves for a while without being merged would
   * leave all that was read of prompts behind. Undefined while it is made in the background, and when that failed.
   */
  modelOf(adapter: AdapterFile): Promise<LlamaModel | undefined>;
  /** Unloads it; no context of it may live any more. The file stays. */
  release(digest: string): Promise<void>;
  /** Unloads it, and makes none again as long as this engine runs. */
  giveUp(digest: string, why: string): Promise<void>;
}

/** Champion, the one before it, and the task adapter. */
const maxFiles = 3;
/** A copy is a second model in memory: a large one would take it from the editor. */
const maxBaseBytes = 700e6;
/** Left free on the disk and in memory, beside the copy. */
const spareBytes = 1e9;

/** @returns undefined where a copy would be too large for this machine. */
export function createMergedCopies(options: MergedCopiesOptions): MergedCopies | undefined {
  const { folder, baseBytes, log } = options;
  if (baseBytes > maxBaseBytes || process.availableMemory() < baseBytes + spareBytes) return undefined;
  const states = new Map<string, LlamaModel | 'busy' | 'failed'>();
  let making: Promise<unknown> = Promise.resolve();

  async function load(digest: string, path: string): Promise<LlamaModel> {
    const now = new Date();
    utimesSync(path, now, now);
    const model = await options.load(path);
    states.set(digest, model);
    log(`The adapter ${digest} is merged into the base model.`);
    prune(folder);
    return model;
  }

  async function make(adapter: AdapterFile): Promise<void> {
    const path = await makeFile(options, adapter);
    await options.whenQuiet();
    await load(adapter.digest, path);
  }

  function fail(digest: string, why: string): void {
    states.set(digest, 'failed');
    log(`The adapter ${digest} serves without being merged: ${why}`);
  }

  async function release(digest: string): Promise<void> {
    const state = states.get(digest);
    if (typeof state !== 'object') return;
    states.delete(digest);
    await state.dispose();
  }

  return {
    async modelOf(adapter) {
      const { digest } = adapter;
      const state = states.get(digest);
      if (state !== undefined) return typeof state === 'object' ? state : undefined;
      states.set(digest, 'busy');
      try {
        const path = copyPath(folder, digest);
        if (await isWhole(path, digestPath(folder, digest))) return await load(digest, path);
      } catch (error) {
        fail(digest, describeError(error));
        return undefined;
      }
      making = making.then(() => make(adapter)).catch((error: unknown) => fail(digest, describeError(error)));
      return undefined;
    },
    release,
    async giveUp(digest, why) {
      await release(digest);
      fail(digest, why);
    },
  };
}

export function mergedFolder(cacheFolder: string): string {
  return join(cacheFolder, 'merged');
}

/** Nothing may stay of an adapter that was forgotten or deleted, merged or not. A copy that is open stays on Windows. */
export function removeMergedCopies(folder: string, digests: readonly string[]): void {
  for (const digest of digests)
    for (const ending of ['gguf', 'sha256']) {
      try {
        rmSync(join(folder, `${digest}.${ending}`), { force: true });
      } catch {
        // See above.
      }
    }
}

const copyPath = (folder: string, digest: string): string => join(folder, `${digest}.gguf`);
const digestPath = (folder: string, digest: string): string => join(folder, `${digest}.sha256`);

/** Makes the file and returns its path. */
async function makeFile(
  options: MergedCopiesOptions,
  { digest, path: adapterPath }: AdapterFile,
): Promise<string> {
  const { folder, basePath, baseBytes, whenQuiet } = options;
  const path = copyPath(folder, digest);
  await whenQuiet();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < baseBytes + spareBytes) throw new Error('there is too little room on the disk.');
  if ((await digestFile(adapterPath)) !== digest) throw new Error('its file was changed.');
  await mergeLora({ basePath, adapterPath, pathOut: path, beforeTensor: whenQuiet });
  writeFileAtomic(digestPath(folder, digest), await digestFile(path));
  return path;
}

async function isWhole(path: string, pathOfDigest: string): Promise<boolean> {
  try {
    return readFileSync(pathOfDigest, 'utf8') === (await digestFile(path));
  } catch {
    return false;
  }
}

/** Those that were not used for longest go; what was loaded just now is the newest. */
function prune(folder: string): void {
  const copies = readdirSync(folder)
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => ({ digest: name.slice(0, -'.gguf'.length), usedMs: statSync(join(folder, name)).mtimeMs }))
    .sort((one, other) => other.usedMs - one.usedMs);
  const unused = copies.slice(maxFiles).map(({ digest }) => digest);
  removeMergedCopies(folder, unused);
}
