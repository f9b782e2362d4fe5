/** Adapter versions as files: a folder for each, named by the digest of its GGUF file, written whole and never changed. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestFile } from '../base/digest.ts';
import { explainFileError, IdiomError } from '../base/errors.ts';
import { syncFolder, writeFileAtomic } from '../base/writeFile.ts';

/** How a version came about: everything that another one could be compared by. */
const lineageSchema = z.looseObject({
  version: z.literal(1),
  /** SHA-256 of `adapter.gguf`. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Which repository it learned; see Repository.repoId. */
  repoId: z.string(),
  repoName: z.string(),
  /** Full id of the newest commit that was looked at. */
  asOf: z.string(),
  /** SHA-256 of the base model's file; the adapter fits no other. */
  baseDigest: z.string(),
  baseName: z.string(),
  /** The adapter that training started from; absent: a fresh one. */
  parentDigest: z.string().optional(),
  datasetDigest: z.string(),
  idiomVersion: z.string(),
  createdAtMs: z.number(),
});
export type Lineage = z.infer<typeof lineageSchema>;
/** The store adds the digest. */
export type LineageToStore = Omit<Lineage, 'digest' | 'version'> & Readonly<Record<string, unknown>>;

export interface StoredAdapter {
  /** SHA-256 of `adapter.gguf`, hex. */
  readonly digest: string;
  readonly folder: string;
  readonly ggufPath: string;
  readonly lineage: Lineage;
}

export const ggufName = 'adapter.gguf';
export const lineageName = 'lineage.json';
const minPrefix = 6;

/**
 * Moves a folder with `adapter.gguf` and PEFT's two files below `adaptersFolder`, with its lineage. The same adapter a
 * second time stays as it was stored first, unless its files were damaged since.
 * @throws IdiomError `diskFull` or `notPermitted`; nothing is then there under its digest.
 */
export async function storeAdapter(
  adaptersFolder: string,
  stagedFolder: string,
  lineage: LineageToStore,
): Promise<StoredAdapter> {
  const digest = await digestFile(join(stagedFolder, ggufName));
  const folder = join(adaptersFolder, digest);
  try {
    mkdirSync(adaptersFolder, { recursive: true, mode: 0o700 });
    if (existsSync(folder) && !(await isSound(folder, digest))) rmSync(folder, { recursive: true });
    if (!existsSync(folder)) {
      writeFileAtomic(
        join(stagedFolder, lineageName),
        `${JSON.stringify({ version: 1, digest, ...lineage }, undefined, 2)}\n`,
      );
      renameSync(stagedFolder, folder);
      syncFolder(adaptersFolder);
    }
  } catch (error) {
    throw explainFileError(error, folder);
  }
  return readAdapter(folder);
}

/**
 * The version whose digest begins so; undefined when there is none.
 * @throws IdiomError `wrongUse` when there are several, `adapterBroken` when its files are not what their digest says.
 */
export async function findAdapter(
  adaptersFolder: string,
  prefix: string,
): Promise<StoredAdapter | undefined> {
  if (prefix.length < minPrefix || !/^[0-9a-f]+$/.test(prefix)) return undefined;
  const names = listFolders(adaptersFolder).filter((name) => name.startsWith(prefix));
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length > 1)
    throw new IdiomError('wrongUse', `${names.length} adapters have a digest that begins with ${prefix}.`, {
      remedy: 'Give more of its digits.',
    });
  const folder = join(adaptersFolder, name);
  if (!(await isSound(folder, name))) throw broken(folder, `its ${ggufName} is missing or was changed`);
  return readAdapter(folder);
}

/** The version in this folder; its weights are not looked at. @throws IdiomError `adapterBroken`. */
export function readAdapter(folder: string): StoredAdapter {
  try {
    const lineage = lineageSchema.parse(JSON.parse(readFileSync(join(folder, lineageName), 'utf8')));
    return { digest: lineage.digest, folder, ggufPath: join(folder, ggufName), lineage };
  } catch (error) {
    throw broken(folder, `its ${lineageName} cannot be read`, error);
  }
}

async function isSound(folder: string, digest: string): Promise<boolean> {
  return (await digestFile(join(folder, ggufName)).catch(() => undefined)) === digest;
}

function listFolders(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    return [];
  }
}

function broken(folder: string, why: string, cause?: unknown): IdiomError {
  return new IdiomError('adapterBroken', `The adapter in ${folder} is broken: ${why}.`, {
    remedy: 'Remove the folder, and train again.',
    cause,
  });
}
