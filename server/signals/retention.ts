/** Deletes recorded suggestions after their time, and closes the books on what an earlier daemon left open. */

import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Ground } from '../store/ground.ts';
import { deleteSignals } from '../store/signalRecords.ts';

const dayMs = 86_400_000;

export interface RetentionProps {
  readonly ground: Ground;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionDays: number;
}

/** Deletes what is too old now and once a day until disposed; a failure is logged and tried again the next day. */
export function startRetention(props: RetentionProps): Disposable {
  const { ground, clock, logger, retentionDays } = props;
  let timer: Disposable = toDisposable(() => undefined);
  function run(): void {
    try {
      const deleted = deleteOlderThan(ground, clock.nowMs() - retentionDays * dayMs);
      if (deleted > 0) logger.info('signals', 'deleted after their time', { deleted, retentionDays });
    } catch (error) {
      logger.error('signals', 'old records not deleted', { error: describeError(error) });
    }
    timer = clock.setTimer(dayMs, run);
  }
  run();
  return toDisposable(() => timer.dispose());
}

/** @returns how many suggestions were deleted, with all that hung on them. */
export function deleteOlderThan(ground: Ground, beforeMs: number): number {
  return deleteSignals(ground.db, { beforeMs: Math.max(0, Math.round(beforeMs)) }).deleted;
}

/**
 * To be called once, when a daemon starts and before any recorder: what an earlier one could not finish is ended as
 * far as it was known, and samples of survival that it did not take are unknown, not invented.
 * @returns how many suggestions were open.
 */
export function settleAfterRestart(ground: Ground, nowMs: number): number {
  return ground.db.transaction(() => {
    const open = ground.outcomes.endUnfinished(nowMs, 'restart');
    ground.survivals.fillMissing('restart');
    return open;
  });
}
