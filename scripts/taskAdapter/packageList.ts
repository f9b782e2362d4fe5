/** What the task adapter is trained on and what it is only measured on: `packages.json` and `histories.json`, checked. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const languages = ['Python', 'TypeScript', 'JavaScript', 'Go', 'Rust', 'Java', 'Markdown'] as const;
export type Language = (typeof languages)[number];

/** Licences that permit any use; the texts that prove them are in checkLicence.ts. */
export const licences = ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'MIT OR Apache-2.0'] as const;
export type Licence = (typeof licences)[number];

/** `pip` gets wheels, which are built and have no tests; `sdist` the archive that they are built from. */
const kinds = ['pip', 'sdist', 'npm', 'go', 'cargo', 'maven'] as const;

const sourcePackage = z.object({
  /** Which client gets it. */
  kind: z.enum(kinds),
  name: z.string(),
  version: z.string(),
  licence: z.enum(licences),
  /** Languages of the files that are read. */
  languages: z.array(z.enum(languages)).min(1),
  /** `heldOut`: nothing of it is trained on. */
  use: z.enum(['training', 'heldOut']),
  /** Of the archive, hex: what was trained on can be had again, or its absence is noticed. */
  sha256: z.string().regex(/^([0-9a-f]{64})?$/),
});

export type SourcePackage = z.infer<typeof sourcePackage>;

const packageHistory = sourcePackage.pick({ kind: true, name: true, licence: true }).extend({
  /** Oldest first; what each adds to the one before is what is learned from. */
  versions: z.array(sourcePackage.pick({ version: true, sha256: true })).min(2),
});

/** Several versions of one package. */
export type PackageHistory = z.infer<typeof packageHistory>;

export const packagesPath = new URL('packages.json', import.meta.url);
export const historiesPath = new URL('histories.json', import.meta.url);

export function readPackageList(): SourcePackage[] {
  return z.array(sourcePackage).parse(JSON.parse(readFileSync(packagesPath, 'utf8')));
}

export function readHistoryList(): PackageHistory[] {
  return z.array(packageHistory).parse(JSON.parse(readFileSync(historiesPath, 'utf8')));
}

const endings: Readonly<Record<Language, RegExp>> = {
  Python: /\.py$/,
  TypeScript: /(?<!\.d)\.tsx?$/,
  JavaScript: /\.[cm]?js$/,
  Go: /\.go$/,
  Rust: /\.rs$/,
  Java: /\.java$/,
  Markdown: /\.md$/,
};

/** The language that a file counts as, if the package is read for it. */
export function languageOf(path: string, wanted: readonly Language[]): Language | undefined {
  return wanted.find((language) => endings[language].test(path));
}
