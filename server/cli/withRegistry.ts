/** Opens the record of adapter versions for a command; a daemon may have it open too, and sees what a command did. */

import type { CliContext } from './cliContext.ts';
import { secretLearned } from '../learning/scrubDatasets.ts';
import { scrubStored } from '../learning/scrubStored.ts';
import { adaptersFolder } from '../learning/trainRepository.ts';
import { createAdapterRegistry } from '../registry/adapterRegistry.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';
import { createTaskAdapters } from '../registry/taskAdapter.ts';
import { reconcile } from '../registry/tidyAdapters.ts';
import { openGround } from '../store/ground.ts';
import { describeError } from '../base/errors.ts';

export type RegistryContext = Pick<
  CliContext,
  'groundPath' | 'folders' | 'mediaDir' | 'repo' | 'write' | 'remark' | 'nowMs' | 'signal'
>;

/** A command can wait for another process's write; a daemon would rather not. */
const writeWaitMs = 5000;

/** What an older Idiom stored is looked through for secrets first. @throws IdiomError of openGround, and what `body` throws. */
export async function withRegistry<T>(
  context: RegistryContext,
  body: (registry: AdapterRegistry) => T | Promise<T>,
): Promise<T> {
  const { ground, setAside } = openGround(context.groundPath, context);
  try {
    if (setAside !== undefined)
      context.remark(`The damaged record was set aside as ${setAside}; a new one was begun.`);
    ground.db.exec(`PRAGMA busy_timeout = ${writeWaitMs}`);
    const registry = createAdapterRegistry({
      ...{ ground, clock: { nowMs: () => context.nowMs() } },
      adaptersFolder: adaptersFolder(context.folders.data),
      taskAdapterOf: createTaskAdapters(context.mediaDir, (error) => context.remark(describeError(error))),
    });
    // Versions that another command trained are known by their files alone.
    for (const sentence of reconcile(registry).broken) context.remark(sentence);
    await scrubStored({
      ...{ ground, registry, folders: context.folders, clock: registry.clock, signal: context.signal },
      onRetired({ adapters }) {
        for (const digest of adapters)
          context.remark(`Version ${ground.adapterVersions.get(digest)?.number ?? digest}: ${secretLearned}`);
      },
    });
    return await body(registry);
  } finally {
    ground.dispose();
  }
}
