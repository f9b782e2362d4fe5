/** Writes the address and SHA-256 of the embedded model's archive beside the bundles, so that a user's editor needs no pip. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { archiveFileName } from '../server/llama/embeddedArchive.ts';
import type { EmbeddedArchive } from '../server/llama/embeddedArchive.ts';
import { defaultPips } from '../server/llama/pipDownload.ts';
import { embeddedPackage } from '../server/llama/recommended.ts';

/** https://pip.pypa.io/en/stable/reference/installation-report/ */
const installationReport = z.object({
  install: z.tuple([
    z.object({
      download_info: z.object({
        url: z.string(),
        archive_info: z.object({ hashes: z.object({ sha256: z.string() }) }),
      }),
    }),
  ]),
});

/** False when no pip here can tell (before 22.2 none can); the package then needs a pip on its user's machine. */
export function writeEmbeddedArchive(folder: string): boolean {
  const archive = askPip();
  if (archive === undefined) return false;
  writeFileSync(join(folder, archiveFileName), `${JSON.stringify(archive, null, 2)}\n`);
  return true;
}

function askPip(): EmbeddedArchive | undefined {
  for (const [file = '', ...first] of defaultPips) {
    const args = ['install', '--dry-run', '--quiet', '--ignore-installed', '--no-deps', '--report', '-'];
    const answer = spawnSync(file, [...first, ...args, embeddedPackage], { encoding: 'utf8' });
    if (answer.status !== 0) continue;
    const { url, archive_info } = installationReport.parse(JSON.parse(answer.stdout)).install[0]
      .download_info;
    return { url, sha256: archive_info.hashes.sha256 };
  }
  return undefined;
}
