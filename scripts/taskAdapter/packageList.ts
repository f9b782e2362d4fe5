/** The packages that the task adapter is trained on, and those that it is only measured on: `packages.json`, checked. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const languages = ['Python', 'TypeScript', 'JavaScript', 'Go', 'Rust', 'Java', 'Markdown'] as const;
export type Language = (typeof languages)[number];

/** Licences that permit any use; the texts that prove them are in checkLicence.ts. */
export const licences = ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'MIT OR Apache-2.0'] as const;
export type Licence = (typeof licences)[number];

const sourcePackage = z.object({
  /** Which client gets it. */
  kind: z.enum(['pip', 'npm', 'go', 'cargo', 'maven']),
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

export const packagesPath = new URL('packages.json', import.meta.url);

export function readPackageList(): SourcePackage[] {
  return z.array(sourcePackage).parse(JSON.parse(readFileSync(packagesPath, 'utf8')));
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
