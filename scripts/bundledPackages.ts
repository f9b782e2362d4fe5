/** Which packages went into bundles, and the notices that their licences ask for. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Adds the name of each package that has a file in the bundle; nested copies count as their name. */
export function addPackages(packages: Set<string>, metafile: Metafile): void {
  for (const input of Object.keys(metafile.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) packages.add(name);
  }
}

/** Name, version, licence and licence text of each, sorted by name. */
export function thirdPartyNotices(nodeModules: string, packages: ReadonlySet<string>): string {
  const parts = [...packages].sort().map((name) => notice(nodeModules, name));
  const head = 'Idiom contains code of these packages, each under its own licence.\n';
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

function notice(nodeModules: string, name: string): string {
  const folder = join(nodeModules, name);
  if (!existsSync(folder)) return `${name}\n`;
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
    license?: unknown;
  };
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  const kind = typeof license === 'string' ? license : 'see its text';
  return `${name} ${version} (${kind})\n\n${text}\n`;
}
