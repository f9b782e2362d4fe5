/** After an update that finds more secrets: looks again through all that was stored before, and takes out what it finds. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import type { Ground } from '../store/ground.ts';
import type { RemoveLearnedProps } from './removeLearned.ts';
import { scrubDatasets } from './scrubDatasets.ts';
import type { RetiredAdapters } from './scrubDatasets.ts';
import { scrubRecords } from './scrubRecords.ts';

export interface ScrubStoredProps extends RemoveLearnedProps {
  readonly ground: Ground;
  /** Waited for between texts, to give way to more important work; rejects to end it. */
  readonly mayGoOn?: (() => Promise<void>) | undefined;
  readonly onRetired?: ((retired: RetiredAdapters) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface ScrubbedStored {
  /** Suggestions and reports that a secret was taken out of. */
  readonly nRecords: number;
  /** Digests of datasets that had one, and are gone. */
  readonly datasets: readonly string[];
  /** Digests of versions that learned from them. */
  readonly adapters: readonly string[];
}

/**
 * Ended or killed at any moment, the next call goes on. Where all is looked through already it asks the database three
 * questions and lists one folder.
 * @throws the signal's reason when aborted.
 */
export async function scrubStored(props: ScrubStoredProps): Promise<ScrubbedStored> {
  const { ground, signal } = props;
  const adapters: string[] = [];
  const pause = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await props.mayGoOn?.();
    signal.throwIfAborted();
  };
  const datasets = await scrubDatasets({
    ...{ ...props, scrubbedFiles: ground.scrubbedFiles, pause },
    onRetired(retired) {
      adapters.push(...retired.adapters);
      props.onRetired?.(retired);
    },
  });
  dropPrompts(props);
  return { nRecords: await scrubRecords(ground.db, pause), datasets, adapters };
}

/** A replay of learning that is under way writes more often than this. */
const restingMs = 900_000;

/** Prompts as tokens, and answers of replays, which cannot be looked into: they are made again when they are needed. */
function dropPrompts({ ground, folders, clock }: ScrubStoredProps): void {
  if (ground.scrubbedFiles.has('frozen', scrubberVersion)) return;
  rmSync(join(folders.data, 'frozen'), { recursive: true, force: true });
  const replays = join(folders.cache, 'replayLearning');
  for (const name of existsSync(replays) ? readdirSync(replays) : []) {
    const path = join(replays, name);
    if (clock.nowMs() - statSync(path).mtimeMs > restingMs) rmSync(path, { recursive: true, force: true });
  }
  ground.scrubbedFiles.put('frozen', scrubberVersion);
}
