/** The value of `--adapter`: a name, a digest, or a GGUF file. */

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { adaptersFolder } from '../learning/trainRepository.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import type { AdapterFile } from '../llama/engine.ts';
import { findAdapter } from '../registry/adapterStore.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { findTaskAdapter } from '../registry/taskAdapter.ts';

export interface AdapterFolders {
  /** Ground state of this user. */
  readonly data: string;
  /** What comes with Idiom. */
  readonly media: string;
}

/** Serves with the adapter that a command was told. @throws as chooseAdapter. */
export async function useNamed(
  name: string | undefined,
  suggester: OwnSuggester,
  { folders, mediaDir }: CliContext,
): Promise<void> {
  const places = { data: folders.data, media: mediaDir };
  suggester.useAdapter(await chooseAdapter(name, places, suggester.info.digest));
}

/** For the help of a command. */
export const adapterHelp =
  'base, task, a digest, or a GGUF file (default: task where there is one, else base)';

/**
 * Undefined means the base model alone.
 * @param name undefined: what an editor would be served with.
 * @throws IdiomError `wrongUse` for an adapter that is not on this machine or is for another base model,
 *   `adapterBroken`.
 */
export async function chooseAdapter(
  name: string | undefined,
  folders: AdapterFolders,
  baseDigest: string,
): Promise<AdapterFile | undefined> {
  if (name === 'base') return undefined;
  if (name === undefined || name === 'task') {
    const task = findTaskAdapter(join(folders.media, 'taskAdapter'), baseDigest);
    if (task !== undefined) return fileOf(task);
    if (name === undefined) return undefined;
    throw new IdiomError('wrongUse', 'There is no task adapter for this base model; it may need none.', {
      remedy: 'Use --adapter base, or --base-model embedded.',
    });
  }
  if (name.endsWith('.gguf')) return adapterAt(name);
  const stored = await findAdapter(adaptersFolder(folders.data), name);
  if (stored === undefined)
    throw new IdiomError('wrongUse', `There is no adapter ${name} on this machine.`, {
      remedy: 'Use --adapter base, a digest that "idiom train" told, or the path of a GGUF adapter.',
    });
  if (stored.lineage.baseDigest !== baseDigest)
    throw new IdiomError(
      'wrongUse',
      `The adapter ${name} is for another base model, ${stored.lineage.baseName}.`,
      {
        remedy: 'Name that base model with --base-model, or train an adapter for this one.',
      },
    );
  return fileOf(stored);
}

async function adapterAt(name: string): Promise<AdapterFile> {
  const path = resolve(name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new IdiomError('wrongUse', `There is no adapter file ${path}.`);
  }
  return { digest: await digestFile(path), path };
}

function fileOf({ digest, ggufPath }: StoredAdapter): AdapterFile {
  return { digest, path: ggufPath };
}
