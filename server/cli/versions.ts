/** `idiom versions`: what a repository's adapters are, which one serves, what the gate said; export and import. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { VersionsResult } from '../../protocol/learning.ts';
import { IdiomError } from '../base/errors.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';
import { listVersions } from '../registry/listVersions.ts';
import { exportVersion, importVersion } from '../registry/moveAdapters.ts';
import { describeReport } from './describeReport.ts';
import { describeVersions } from './describeVersions.ts';
import { withRegistry } from './withRegistry.ts';
import type { RegistryContext } from './withRegistry.ts';

interface VersionsFlags {
  readonly foreign?: boolean;
  readonly json?: boolean;
}

export function registerVersions(program: Command, context: RegistryContext): void {
  const versions = program
    .command('versions')
    .description("list the repository's adapter versions, newest first, and which of them serves")
    .option('--json', 'answer as JSON')
    .action((flags: VersionsFlags) => list(flags, context));
  versions
    .command('show')
    .description('what the gate said about a version')
    .argument('<digest>', 'its first digits do')
    .option('--json', 'answer as JSON')
    .action((prefix: string, flags: VersionsFlags) => show(prefix, asked(flags, versions), context));
  versions
    .command('export')
    .description('write a version into a folder that Idiom, PEFT and llama.cpp can load')
    .argument('<digest>', 'its first digits do')
    .argument('<folder>', 'must not exist, or be empty')
    .option('--json', 'answer as JSON')
    .action((prefix: string, folder: string, flags: VersionsFlags) =>
      exportTo(prefix, folder, asked(flags, versions), context),
    );
  versions
    .command('import')
    .description('take in an exported version; it serves nobody before the gate has passed it')
    .argument('<folder>', 'as "idiom versions export" wrote it')
    .option('--foreign', 'though it learned another repository')
    .option('--json', 'answer as JSON')
    .action((folder: string, flags: VersionsFlags) => importFrom(folder, asked(flags, versions), context));
}

/** `--json` is known to `versions` itself too, and taken by it wherever it stands. */
function asked(flags: VersionsFlags, versions: Command): VersionsFlags {
  return { ...versions.opts<VersionsFlags>(), ...flags };
}

async function list(flags: VersionsFlags, context: RegistryContext): Promise<void> {
  const repo = await context.repo();
  await withRegistry(context, (registry) => {
    const result = versionsOf(registry, repo);
    if (flags.json === true) context.write(JSON.stringify(result));
    else for (const line of describeVersions(result, context.nowMs())) context.write(line);
  });
}

/** Aliases are those of the base model that has a champion, or else that of the newest version. */
export function versionsOf(
  registry: AdapterRegistry,
  { repoId, name }: { readonly repoId: string; readonly name: string },
): VersionsResult {
  const versions = listVersions(registry, repoId);
  const shown = versions.find((version) => version.aliases.includes('champion')) ?? versions[0];
  const aliases = shown === undefined ? {} : registry.aliases({ repoId, baseDigest: shown.baseDigest });
  return { repoId, name, versions, aliases };
}

async function show(prefix: string, flags: VersionsFlags, context: RegistryContext): Promise<void> {
  const { repoId } = await context.repo();
  await withRegistry(context, (registry) => {
    const { digest } = registry.find(repoId, prefix);
    const report = registry.ground.evalReports.newestOf(digest);
    if (report === undefined)
      throw new IdiomError('wrongUse', `The gate has not judged the version ${digest.slice(0, 12)}.`, {
        remedy: `Judge it with "idiom eval ${digest.slice(0, 12)}".`,
      });
    if (flags.json === true) context.write(JSON.stringify(report));
    else for (const line of describeReport(report)) context.write(line);
  });
}

async function exportTo(
  prefix: string,
  folder: string,
  flags: VersionsFlags,
  context: RegistryContext,
): Promise<void> {
  const { repoId } = await context.repo();
  await withRegistry(context, async (registry) => {
    const { digest } = registry.find(repoId, prefix);
    await exportVersion(registry, digest, resolve(folder));
    if (flags.json === true) context.write(JSON.stringify({ digest, folder: resolve(folder) }));
    else context.write(`Version ${digest.slice(0, 12)} is in ${resolve(folder)}.`);
  });
}

async function importFrom(folder: string, flags: VersionsFlags, context: RegistryContext): Promise<void> {
  const { repoId } = await context.repo();
  await withRegistry(context, async (registry) => {
    const isForeignAllowed = flags.foreign === true;
    const { digest } = await importVersion(registry, { folder: resolve(folder), repoId, isForeignAllowed });
    const short = digest.slice(0, 12);
    if (flags.json === true) context.write(JSON.stringify({ digest }));
    else context.write(`Version ${short} is known; "idiom eval ${short}" tells whether it is better.`);
  });
}
