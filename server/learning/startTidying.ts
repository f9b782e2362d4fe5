/** Frees the space of versions and datasets that nobody needs any more, once a day while the daemon runs. */

import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { removeMergedCopies } from '../llama/mergedCopies.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';
import { collectGarbage } from '../registry/tidyAdapters.ts';
import type { ShadowScoresTable } from '../store/shadowScores.ts';
import { tidyDatasets } from './tidyDatasets.ts';

export interface TidyingProps {
  readonly registry: AdapterRegistry;
  readonly shadowScores: ShadowScoresTable;
  readonly datasetsFolder: string;
  readonly mergedFolder: string;
  /** The setting `signals.retentionDays`. */
  readonly retentionDays: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const dayMs = 86_400_000;
/** Not while everything else starts. */
const firstMs = 10 * 60_000;
const retentionMs = 90 * dayMs;
const keepNewest = 5;

export function startTidying(props: TidyingProps): Disposable {
  const { registry, shadowScores, clock, logger } = props;
  let timer = clock.setTimer(firstMs, tidy);
  function tidy(): void {
    try {
      const collected = collectGarbage(registry, { retentionMs, keepNewest });
      removeMergedCopies(props.mergedFolder, collected);
      const nScores = shadowScores.prune();
      const beforeMs = clock.nowMs() - props.retentionDays() * dayMs;
      const nDatasets = tidyDatasets(props.datasetsFolder, beforeMs).length;
      if (collected.length + nScores + nDatasets > 0)
        logger.info('learning', 'tidied', { nCollected: collected.length, nScores, nDatasets });
    } catch (error) {
      logger.warn('learning', 'not tidied', { error: describeError(error) });
    }
    timer = clock.setTimer(dayMs, tidy);
  }
  return toDisposable(() => timer.dispose());
}
