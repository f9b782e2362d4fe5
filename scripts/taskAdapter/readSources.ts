/** Reads a package's source files by the same rules as a repository's: written by people, readable, without secrets. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openIgnoreRules } from '../../server/retrieval/ignoreRules.ts';
import { createDefaultScrubber } from '../../server/secrets/defaultScrubber.ts';
import type { Scrubber } from '../../server/secrets/scrubSecrets.ts';
import type { Tally } from '../../server/training/dataset/tally.ts';
import { createTextFilter } from '../../server/training/dataset/textFilter.ts';
import type { UnpackedPackage } from './download.ts';
import { languageOf } from './packageList.ts';
import type { Language } from './packageList.ts';

export interface SourceFile {
  /** Relative to the package, with forward slashes. */
  readonly path: string;
  readonly language: Language;
  readonly text: string;
}

/** What bundlers and compilers wrote, and data in the clothes of code. */
export const isBuilt =
  /(^|\/)(dist|es|esm\d*|cjs|umd|lib-es|bundles?|locales?|migrations|fixtures|testdata)\//;
const fileBytes = { min: 400, max: 150_000 };

export const scrub: Scrubber = createDefaultScrubber();

export async function readSources(unpacked: UnpackedPackage, dropped: Tally): Promise<SourceFile[]> {
  const { folder } = unpacked;
  const rules = await openIgnoreRules({ root: folder, settingGlobs: [] });
  const filter = createTextFilter(rules, scrub, dropped);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  const files: SourceFile[] = [];
  for (const path of paths) {
    const language = languageOf(path, unpacked.package.languages);
    if (language === undefined || isBuilt.test(path) || !filter.isReadable(path)) continue;
    const bytes = readFileSync(join(folder, path));
    if (bytes.length < fileBytes.min || bytes.length > fileBytes.max) continue;
    const text = await filter.read(path, bytes);
    if (text !== undefined) files.push({ path, language, text: withoutLicence(text) });
  }
  return files;
}

/** Licence headers are the same in every file of a package, and nobody types them. */
export function withoutLicence(text: string): string {
  const header = /^(?:#![^\n]*\n)?\s*(?:\/\*[^]*?\*\/|(?:(?:\/\/|#)[^\n]*\n)+)\s*/.exec(text)?.[0] ?? '';
  return /licen[cs]e|copyright/i.test(header) ? text.slice(header.length) : text;
}
