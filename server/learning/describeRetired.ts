/** Says that the version which served is no longer used since it had learned a secret, until another one is promoted. */

import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { movedByForgetting } from './missedForgetting.ts';
import { secretLearned } from './scrubDatasets.ts';

/** A sentence for a person; undefined when nothing of that kind has happened since. */
export function describeRetired(
  registry: Pick<AdapterRegistry, 'ground'>,
  key: RegistryKey,
): string | undefined {
  const digest = movedByForgetting(registry, key)?.digest;
  const version = digest === undefined ? undefined : registry.ground.adapterVersions.get(digest);
  if (version?.forgottenWhy !== secretLearned) return undefined;
  return `Version ${version.number} was trained on text that held a password, token or key; it is no longer used. Idiom trains a new one.`;
}
