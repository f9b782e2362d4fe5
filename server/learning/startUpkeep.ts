/** What is done in the background while the daemon runs: forgetting that was cut short, another look at what is stored, and tidying. */

import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { mergedFolder } from '../llama/mergedCopies.ts';
import { resumeForgetting } from './forget.ts';
import type { ForgetProps } from './forget.ts';
import { secretLearned } from './scrubDatasets.ts';
import { scrubStored } from './scrubStored.ts';
import { startTidying } from './startTidying.ts';
import { datasetsFolder } from './trainRepository.ts';

export interface UpkeepProps extends Omit<ForgetProps, 'signal' | 'clock'> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The setting `signals.retentionDays`. */
  readonly retentionDays: () => number;
  /** Resolves when nothing more important computes. */
  readonly whenQuiet: (signal: AbortSignal) => Promise<void>;
  /** `isRetraining`: the champion is gone, so a training is wanted. A loop that is not open sees it when it is. */
  readonly tellLoop: (repoId: string, adapters: readonly string[], isRetraining: boolean) => void;
}

export function startUpkeep(props: UpkeepProps): Disposable {
  const { registry, folders, clock, logger } = props;
  const abort = new AbortController();
  const tidying = startTidying({
    ...{
      registry,
      clock,
      logger,
      shadowScores: props.ground.shadowScores,
      retentionDays: props.retentionDays,
    },
    mergedFolder: mergedFolder(folders.cache),
    datasetsFolder: datasetsFolder(folders.data),
  });
  void goThrough(props, abort.signal);
  return toDisposable(() => {
    abort.abort();
    tidying.dispose();
  });
}

/** What fails is tried again at the next start. */
async function goThrough(props: UpkeepProps, signal: AbortSignal): Promise<void> {
  const { logger } = props;
  const note = (message: string) => (error: unknown) => {
    if (!signal.aborted) logger.error('learning', message, { error: describeError(error) });
  };
  await resumeForgetting({ ...props, signal }).catch(note('not forgotten'));
  await scrubAgain(props, signal).catch(note('not looked through for secrets'));
}

async function scrubAgain(props: UpkeepProps, signal: AbortSignal): Promise<void> {
  const { logger } = props;
  const { nRecords, datasets } = await scrubStored({
    ...{ ...props, signal },
    mayGoOn: () => props.whenQuiet(signal),
    onRetired({ repoId, adapters, champions }) {
      logger.warn('learning', secretLearned, { repository: repoId, adapters: adapters.join(' ') });
      props.tellLoop(repoId, adapters, champions.length > 0);
    },
  });
  if (nRecords + datasets.length > 0)
    logger.info('learning', 'secrets taken out', { nRecords, nDatasets: datasets.length });
}
