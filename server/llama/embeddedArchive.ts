/** Where the archive with the embedded base model can be downloaded without Python: what the packager wrote beside the bundles. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const archive = z.object({
  /** HTTPS, and plain HTTP on loopback for tests. */
  url: z.string().regex(/^(https:\/\/|http:\/\/127\.0\.0\.1:)/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A Python wheel, which is a zip archive. */
export type EmbeddedArchive = z.infer<typeof archive>;

/** Beside the bundles; `scripts/embeddedArchive.ts` writes it. */
export const archiveFileName = 'embeddedArchive.json';

/**
 * The archive's address and SHA-256; undefined in a checkout, where pip is there and knows the registry.
 * @param url of the file to read; default: beside this module's bundle.
 * @throws ZodError or SyntaxError when the file is broken.
 */
export function readEmbeddedArchive(
  url: URL = new URL(`./${archiveFileName}`, import.meta.url),
): EmbeddedArchive | undefined {
  let text: string;
  try {
    text = readFileSync(fileURLToPath(url), 'utf8');
  } catch {
    return undefined;
  }
  return archive.parse(JSON.parse(text));
}
