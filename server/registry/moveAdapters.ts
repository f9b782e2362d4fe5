/** Versions as folders that go from machine to machine: PEFT's two files, the GGUF file and the lineage with all digests. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestFile } from '../base/digest.ts';
import { explainFileError, IdiomError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/writeFile.ts';
import { readLora } from '../gguf/loraPairs.ts';
import { readGgufHeader } from '../gguf/readHeader.ts';
import type { AdapterRegistry } from './adapterRegistry.ts';
import { ggufName, lineageName, readAdapter, storeAdapter } from './adapterStore.ts';
import type { StoredAdapter } from './adapterStore.ts';

/** What PEFT loads. */
const peftNames = ['adapter_config.json', 'adapter_model.safetensors'] as const;
const fileNames = [...peftNames, ggufName] as const;
/** In an exported lineage: file name -> SHA-256. */
const digestsSchema = z.object({ files: z.record(z.string(), z.string()) });

/**
 * Copies a version into `folder`, which must not exist or be empty.
 * @throws IdiomError `wrongUse` when it is not empty, `adapterBroken` when the version's files are damaged, and those of
 *   explainFileError; then `folder` is as it was.
 */
export async function exportVersion(
  registry: Pick<AdapterRegistry, 'adaptersFolder'>,
  digest: string,
  folder: string,
): Promise<void> {
  const adapter = readAdapter(join(registry.adaptersFolder, digest));
  if ((await digestFile(adapter.ggufPath).catch(() => undefined)) !== digest)
    throw new IdiomError('adapterBroken', `The adapter ${digest.slice(0, 12)} was changed on disk.`, {
      remedy: 'Train again, or import it from where it was exported.',
    });
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new IdiomError('wrongUse', `The folder ${folder} is not empty.`, {
      remedy: 'Name one that does not exist yet.',
    });
  const staged = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(staged, { recursive: true, mode: 0o700 });
    const files: Record<string, string> = {};
    for (const name of fileNames) {
      cpSync(join(adapter.folder, name), join(staged, name));
      files[name] = await digestFile(join(staged, name));
    }
    const lineage = { ...adapter.lineage, files };
    writeFileAtomic(join(staged, lineageName), `${JSON.stringify(lineage, undefined, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(staged, folder);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw explainFileError(error, folder);
  }
}

export interface ImportProps {
  readonly folder: string;
  /** The repository that it is for. */
  readonly repoId: string;
  /** Takes one in that another repository's history made. */
  readonly isForeignAllowed?: boolean;
}

/**
 * Copies an exported folder into the store and the registry. It serves nobody before the gate has passed it.
 * @throws IdiomError `adapterBroken` when a file is missing, is not what its digest says or is no adapter, `wrongUse` when it was made
 *   for another repository, and those of explainFileError; then nothing was taken in.
 */
export async function importVersion(registry: AdapterRegistry, props: ImportProps): Promise<StoredAdapter> {
  const { folder, repoId } = props;
  const adapter = readAdapter(folder);
  const { lineage } = adapter;
  await checkDigests(adapter);
  if (lineage.repoId !== repoId && props.isForeignAllowed !== true)
    throw new IdiomError(
      'wrongUse',
      `The adapter in ${folder} learned another repository, ${lineage.repoName}.`,
      {
        remedy: 'Import it there, or say that you want it here all the same with --foreign.',
      },
    );
  readLora(await readGgufHeader(adapter.ggufPath, 'adapter'));
  const staged = join(registry.adaptersFolder, `import-${process.pid}.tmp`);
  try {
    rmSync(staged, { recursive: true, force: true });
    mkdirSync(staged, { recursive: true, mode: 0o700 });
    for (const name of fileNames) cpSync(join(folder, name), join(staged, name));
    const stored = await storeAdapter(registry.adaptersFolder, staged, { ...lineage, repoId });
    const from = lineage.repoId === repoId ? '' : `, made for ${lineage.repoName}`;
    registry.add(stored, { who: 'person', what: 'imported', why: `Imported from a folder${from}.` });
    return stored;
  } catch (error) {
    throw explainFileError(error, staged);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** Lineages of before there were digests of all files have that of the GGUF file alone. */
async function checkDigests({ folder, lineage }: StoredAdapter): Promise<void> {
  const parsed = digestsSchema.safeParse(lineage);
  const wanted: Record<string, string> = { ...(parsed.success ? parsed.data.files : {}) };
  wanted[ggufName] = lineage.digest;
  for (const name of fileNames) {
    const found = await digestFile(join(folder, name)).catch(() => undefined);
    const problem =
      found === undefined ? 'is missing' : (wanted[name] ?? found) === found ? undefined : 'was changed';
    if (problem !== undefined)
      throw new IdiomError('adapterBroken', `The adapter in ${folder} is broken: its ${name} ${problem}.`, {
        remedy: 'Export it again where it came from.',
      });
  }
  if (!isObject(readFileSync(join(folder, peftNames[0]), 'utf8')))
    throw new IdiomError(
      'adapterBroken',
      `The adapter in ${folder} is broken: its ${peftNames[0]} is no object.`,
      { remedy: 'Export it again where it came from.' },
    );
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
