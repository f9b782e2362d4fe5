/** `idiom promote` and `idiom rollback`: move what serves, at once and on the record. */

import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { describeServing } from './describeVersions.ts';
import { versionsOf } from './versions.ts';
import { withRegistry } from './withRegistry.ts';
import type { RegistryContext } from './withRegistry.ts';

interface PromoteFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

export function registerPromote(program: Command, context: RegistryContext): void {
  program
    .command('promote')
    .description('use a version that passed its evaluation; any other needs a reason, which is logged')
    .argument('<digest>', 'its first digits do; "idiom versions" lists them')
    .option('--reason <words>', 'why to use it although it did not pass its evaluation')
    .option('--json', 'answer as JSON')
    .action(async (prefix: string, flags: PromoteFlags) => {
      const repo = await context.repo();
      await withRegistry(context, (registry) => {
        const { digest, baseDigest } = registry.find(repo.repoId, prefix);
        const key = { repoId: repo.repoId, baseDigest };
        registry.promote(key, digest, {
          ...{ who: 'person', why: 'A person asked for it.' },
          ...(flags.reason === undefined ? {} : { overrideReason: flags.reason }),
        });
        tell(registry, key, repo, flags, context);
      });
    });
}

export function registerRollback(program: Command, context: RegistryContext): void {
  program
    .command('rollback')
    .description('go back to the previous version, or to the built-in adapter')
    .option('--reason <words>', 'why, for the log')
    .option('--base <digest>', 'of the base model, where there are champions for several')
    .option('--json', 'answer as JSON')
    .action(async (flags: PromoteFlags & { readonly base?: string }) => {
      const repo = await context.repo();
      await withRegistry(context, (registry) => {
        const key = keyOfChampion(registry, repo.repoId, flags.base);
        registry.rollback(key, { who: 'person', why: flags.reason ?? 'A person asked for it.' });
        tell(registry, key, repo, flags, context);
      });
    });
}

function keyOfChampion({ ground }: AdapterRegistry, repoId: string, base: string | undefined): RegistryKey {
  const champions = ground.adapterAliases
    .all()
    .filter((each) => each.repoId === repoId && each.alias === 'champion')
    .filter((each) => each.baseDigest.startsWith(base ?? ''));
  const [champion] = champions;
  if (champion === undefined)
    throw new IdiomError('wrongUse', 'There is no earlier version yet. The built-in adapter is in use.');
  if (champions.length > 1)
    throw new IdiomError('wrongUse', `There are champions for ${champions.length} base models.`, {
      remedy: `Name one with --base: ${champions.map((each) => each.baseDigest.slice(0, 12)).join(', ')}.`,
    });
  return champion;
}

function tell(
  registry: AdapterRegistry,
  key: RegistryKey,
  repo: { readonly repoId: string; readonly name: string },
  flags: PromoteFlags,
  context: RegistryContext,
): void {
  if (flags.json === true) {
    const result = { ...versionsOf(registry, repo), aliases: registry.aliases(key) };
    context.write(JSON.stringify({ ...result, serving: registry.champion(key) }));
  } else context.write(describeServing(registry.champion(key)));
}
