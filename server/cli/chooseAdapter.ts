/** The value of `--adapter`: a name, a digest, or a GGUF file. */

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { digestFile } from '../base/digest.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import { adaptersFolder } from '../learning/trainRepository.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { checkAdapter } from '../llama/checkAdapter.ts';
import type { AdapterFile, BaseModelInfo } from '../llama/engine.ts';
import { findAdapter } from '../registry/adapterStore.ts';
import type { StoredAdapter } from '../registry/adapterStore.ts';
import { createAdapterServer } from '../registry/serveAdapter.ts';
import type { Serving } from '../registry/serveAdapter.ts';
import { findTaskAdapter } from '../registry/taskAdapter.ts';
import { withRegistry } from './withRegistry.ts';

export interface AdapterFolders {
  /** Ground state of this user. */
  readonly data: string;
  /** What comes with Idiom. */
  readonly media: string;
}

/**
 * Serves with the adapter that a command was told; without a name, with what an editor would be served with.
 * @throws as chooseAdapter and checkAdapter; IdiomError `wrongUse` for a champion where there is none.
 */
export async function useNamed(
  name: string | undefined,
  suggester: OwnSuggester,
  context: CliContext,
): Promise<void> {
  const { info } = suggester;
  const places = { data: context.folders.data, media: context.mediaDir };
  const served = name === undefined || name === 'champion' ? await findServed(info, context) : undefined;
  if (served?.notice !== undefined) context.remark(served.notice);
  const isChampion = served !== undefined && served.name !== 'task' && served.name !== 'base';
  if (isChampion) return use(served.file, suggester);
  if (name === 'champion')
    throw new IdiomError('wrongUse', 'This repository has no champion for this base model.', {
      remedy: 'Leave --adapter out to use the version in use, or promote a version with "idiom promote".',
    });
  return use(await chooseAdapter(name, places, info.digest), suggester);
}

/** An adapter that doesn't fit is told at once, not as a suggestion that fails. */
async function use(adapter: AdapterFile | undefined, suggester: OwnSuggester): Promise<void> {
  if (adapter !== undefined) await checkAdapter(adapter.path, suggester.info.path);
  suggester.useAdapter(adapter);
}

/** Undefined where there is no record, or none that can be read now: then what comes with Idiom serves. */
async function findServed(info: BaseModelInfo, context: CliContext): Promise<Serving | undefined> {
  if (!existsSync(context.groundPath)) return undefined;
  const { repoId } = await context.repo();
  try {
    return await withRegistry(context, (registry) =>
      createAdapterServer(registry).serving({ repoId, baseDigest: info.digest }),
    );
  } catch (error) {
    context.remark(`What serves an editor is not known: ${describeError(error)}`);
    return undefined;
  }
}

/** For the help of a command. */
export const adapterHelp =
  'base, task, champion, a digest, or a GGUF file (default: the champion, else task, else base)';

/**
 * Undefined means the base model alone.
 * @param name undefined: what comes with Idiom for this base model.
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
    const task = findTaskAdapter(folders.media, baseDigest);
    if (task !== undefined) return fileOf(task);
    if (name === undefined) return undefined;
    throw new IdiomError('wrongUse', 'There is no task adapter for this base model; it may need none.', {
      remedy: 'Use --adapter base, or --base-model embedded.',
    });
  }
  // A digest is no file here; anything else is meant as one.
  if (name.endsWith('.gguf') || /[./\\]/.test(name)) return adapterAt(name);
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
    throw new IdiomError('wrongUse', `There is no adapter file ${path}.`, {
      remedy: 'Use --adapter base, a digest that "idiom train" told, or the path of a GGUF adapter.',
    });
  }
  return { digest: await digestFile(path), path };
}

function fileOf({ digest, ggufPath }: StoredAdapter): AdapterFile {
  return { digest, path: ggufPath };
}
