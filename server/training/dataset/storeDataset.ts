/** Datasets as files: a folder for each, named by its digest, written whole or not at all, and never changed. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../../base/digest.ts';
import { explainFileError, IdiomError } from '../../base/errors.ts';
import { syncFolder, writeFileAtomic } from '../../base/writeFile.ts';
import { canonicalJson } from './canonicalJson.ts';
import type { Dataset, DatasetManifest } from './dataset.ts';

export interface StoredDataset {
  /** SHA-256, hex: of the manifest and of all lines. */
  readonly digest: string;
  readonly folder: string;
}

const parts = ['examples', 'items', 'evaluation'] as const;

const storedManifest = z.object({
  manifest: z.looseObject({ version: z.literal(1) }),
  files: z.object({ examples: z.string(), items: z.string(), evaluation: z.string() }),
});

/**
 * Writes a dataset below `datasetsFolder`: `manifest.json`, and `examples.jsonl`, `items.jsonl` and `evaluation.jsonl` with
 * one canonical JSON value a line. One that is there already stays as it is.
 * @throws IdiomError `diskFull` or `notPermitted`; then nothing is there under its digest.
 */
export function storeDataset(datasetsFolder: string, dataset: Dataset): StoredDataset {
  const texts = Object.fromEntries(
    parts.map((part) => [part, dataset[part].map((each) => `${canonicalJson(each)}\n`).join('')]),
  ) as Record<(typeof parts)[number], string>;
  const files = Object.fromEntries(parts.map((part) => [part, digestOf(texts[part])]));
  const manifest = canonicalJson({ manifest: dataset.manifest, files });
  const digest = digestOf(manifest);
  const folder = join(datasetsFolder, digest);
  if (existsSync(folder)) return { digest, folder };
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    for (const part of parts) writeFileAtomic(join(temporary, `${part}.jsonl`), texts[part]);
    writeFileAtomic(join(temporary, 'manifest.json'), manifest);
    renameSync(temporary, folder);
    syncFolder(datasetsFolder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw explainFileError(error, folder);
  }
  return { digest, folder };
}

/**
 * Reads a dataset and checks every byte against its digest.
 * @throws IdiomError `badFile` when something is missing, changed, or of another version.
 */
export function readDataset(datasetsFolder: string, digest: string): Dataset {
  const folder = join(datasetsFolder, digest);
  const manifestText = readPart(folder, 'manifest.json', digest);
  const stored = storedManifest.safeParse(JSON.parse(manifestText));
  if (!stored.success) throw broken(folder, 'its manifest is of another version');
  const read = <T>(part: (typeof parts)[number]): T[] =>
    readPart(folder, `${part}.jsonl`, stored.data.files[part])
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  return {
    manifest: stored.data.manifest as unknown as DatasetManifest,
    examples: read('examples'),
    items: read('items'),
    evaluation: read('evaluation'),
  };
}

function readPart(folder: string, name: string, digest: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    throw broken(folder, `${name} cannot be read`, error);
  }
  if (digestOf(text) !== digest) throw broken(folder, `${name} is not what its digest says`);
  return text;
}

function broken(folder: string, why: string, cause?: unknown): IdiomError {
  return new IdiomError('badFile', `The dataset in ${folder} is broken: ${why}.`, {
    remedy: 'Delete the folder; the next training builds a new dataset.',
    cause,
  });
}
