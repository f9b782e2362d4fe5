/**
 * Copies of the base model with an adapter merged in: made while an editor is left alone, kept as derived files, loaded
 * when they are ready. Until then, and wherever one cannot be made, the adapter serves as it is.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { LlamaModel } from 'node-llama-cpp';
import { digestFile } from '../base/digest.ts';
import { describeError } from '../base/errors.ts';
import { fileStamp } from '../base/fileStamp.ts';
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
  const { baseBytes } = options;
  const isTooLarge = baseBytes > maxBaseBytes || process.availableMemory() < baseBytes + spareBytes;
  return isTooLarge ? undefined : new Copies(options);
}

class Copies implements MergedCopies {
  readonly #options: MergedCopiesOptions;
  readonly #states = new Map<string, LlamaModel | 'busy' | 'failed'>();
  /** Of files that turned out to be damaged: loaded still, and not to be used. */
  readonly #damaged = new Map<string, LlamaModel>();
  /** One thing at a time is done in the background. */
  #working: Promise<unknown> = Promise.resolve();

  constructor(options: MergedCopiesOptions) {
    this.#options = options;
  }

  async modelOf(adapter: AdapterFile): Promise<LlamaModel | undefined> {
    const { digest } = adapter;
    const state = this.#states.get(digest);
    if (state !== undefined) return typeof state === 'object' ? state : undefined;
    // Its context is still there: who asks is to let go of it first.
    if (this.#damaged.has(digest)) return undefined;
    this.#states.set(digest, 'busy');
    if (!isUntouched(this.#options.folder, digest)) {
      this.#inBackground(digest, () => this.#make(adapter));
      return undefined;
    }
    try {
      const model = await this.#load(digest);
      this.#inBackground(digest, () => this.#verify(digest, model));
      return model;
    } catch (error) {
      this.#fail(digest, describeError(error));
      return undefined;
    }
  }

  async release(digest: string): Promise<void> {
    const damaged = this.#damaged.get(digest);
    this.#damaged.delete(digest);
    await damaged?.dispose();
    const state = this.#states.get(digest);
    if (typeof state !== 'object') return;
    this.#states.delete(digest);
    await state.dispose();
  }

  async giveUp(digest: string, why: string): Promise<void> {
    await this.release(digest);
    this.#fail(digest, why);
  }

  async #load(digest: string): Promise<LlamaModel> {
    const { folder, load, log } = this.#options;
    const model = await load(copyPath(folder, digest));
    this.#states.set(digest, model);
    const now = new Date();
    utimesSync(notePath(folder, digest), now, now);
    log(`The adapter ${digest} is merged into the base model.`);
    prune(folder);
    return model;
  }

  async #make(adapter: AdapterFile): Promise<void> {
    const { folder, whenQuiet } = this.#options;
    await whenQuiet();
    if (!(await isWhole(folder, adapter.digest))) await makeFile(this.#options, adapter);
    await whenQuiet();
    await this.#load(adapter.digest);
  }

  /** What was loaded because nobody seemed to have touched it is read now. */
  async #verify(digest: string, model: LlamaModel): Promise<void> {
    const { folder, whenQuiet, log } = this.#options;
    await whenQuiet();
    if (this.#states.get(digest) !== model || (await isWhole(folder, digest))) return;
    if (this.#states.get(digest) !== model) return;
    this.#damaged.set(digest, model);
    this.#states.delete(digest);
    removeMergedCopies(folder, [digest]);
    log(`The copy with the adapter ${digest} is damaged, so it is made anew.`);
  }

  #inBackground(digest: string, work: () => Promise<void>): void {
    this.#working = this.#working
      .then(work)
      .catch((error: unknown) => this.#fail(digest, describeError(error)));
  }

  #fail(digest: string, why: string): void {
    this.#states.set(digest, 'failed');
    this.#options.log(`The adapter ${digest} serves without being merged: ${why}`);
  }
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
const notePath = (folder: string, digest: string): string => join(folder, `${digest}.sha256`);

async function makeFile(
  options: MergedCopiesOptions,
  { digest, path: adapterPath }: AdapterFile,
): Promise<void> {
  const { folder, basePath, baseBytes, whenQuiet } = options;
  const path = copyPath(folder, digest);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < baseBytes + spareBytes) throw new Error('there is too little room on the disk.');
  if ((await digestFile(adapterPath)) !== digest) throw new Error('its file was changed.');
  await mergeLora({ basePath, adapterPath, pathOut: path, beforeTensor: whenQuiet });
  writeNote(folder, digest, await digestFile(path));
}

/** The copy's digest, and the stamp that its file had then; when it was written is when the copy was used last. */
function writeNote(folder: string, digest: string, copyDigest: string): void {
  const stamp = fileStamp(copyPath(folder, digest)) ?? '';
  writeFileAtomic(notePath(folder, digest), `${copyDigest}\n${stamp}`);
}

function readNote(folder: string, digest: string): { copyDigest: string; stamp: string | undefined } {
  const [copyDigest = '', stamp] = readFileSync(notePath(folder, digest), 'utf8').split('\n');
  return { copyDigest, stamp };
}

/** Nobody has written to it since its digest was taken, as far as its stamp tells. Reads nothing of it. */
function isUntouched(folder: string, digest: string): boolean {
  try {
    return readNote(folder, digest).stamp === fileStamp(copyPath(folder, digest));
  } catch {
    return false;
  }
}

/** Reads all of it; one that was only touched is trusted again. */
async function isWhole(folder: string, digest: string): Promise<boolean> {
  try {
    const { copyDigest, stamp } = readNote(folder, digest);
    const path = copyPath(folder, digest);
    if ((await digestFile(path)) !== copyDigest) return false;
    if (stamp !== fileStamp(path)) writeNote(folder, digest, copyDigest);
    return true;
  } catch {
    return false;
  }
}

/** Those that were not used for longest go; what was loaded just now is the newest. */
function prune(folder: string): void {
  const copies = readdirSync(folder)
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => name.slice(0, -'.gguf'.length))
    .map((digest) => ({ digest, usedMs: lastUseMs(folder, digest) }))
    .sort((one, other) => other.usedMs - one.usedMs);
  const unused = copies.slice(maxFiles).map(({ digest }) => digest);
  removeMergedCopies(folder, unused);
}

/** A copy without a note is being made, or was when its process ended. */
function lastUseMs(folder: string, digest: string): number {
  const note = statSync(notePath(folder, digest), { throwIfNoEntry: false });
  return (note ?? statSync(copyPath(folder, digest))).mtimeMs;
}
