/** Deletes recorded suggestions after their time, and closes the books on what a killed daemon left open. */

import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Ground } from '../store/ground.ts';
import { deleteSignals } from '../store/signalRecords.ts';

const dayMs = 86_400_000;
/** Well over the ten minutes that a suggestion lives and the ten that its text is followed. */
const settledAfterMs = 1_800_000;
const intervalMs = 3_600_000;

export interface RetentionProps {
  readonly ground: Ground;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionDays: number;
}

/**
 * Now and every hour until disposed: deletes what is too old, and settles what a killed daemon left open.
 * Several processes may do it on one ground. A failure is logged and tried again.
 */
export function startRetention(props: RetentionProps): Disposable {
  const { ground, clock, logger, retentionDays } = props;
  let timer: Disposable = toDisposable(() => undefined);
  function run(): void {
    try {
      const nowMs = clock.nowMs();
      const deleted = deleteOlderThan(ground, nowMs - retentionDays * dayMs);
      if (deleted > 0) logger.info('signals', 'deleted after their time', { deleted, retentionDays });
      settleUnfinished(ground, nowMs);
    } catch (error) {
      logger.error('signals', 'record not kept in order', { error: describeError(error) });
    }
    timer = clock.setTimer(intervalMs, run);
  }
  run();
  return toDisposable(() => timer.dispose());
}

/** @returns how many suggestions were deleted, with all that hung on them. */
export function deleteOlderThan(ground: Ground, beforeMs: number): number {
  const endMs = Math.max(0, Math.round(beforeMs));
  ground.activityCounts.delete({ beforeMs: endMs });
  return deleteSignals(ground.db, { beforeMs: endMs }).deleted;
}

/**
 * Of suggestions so old that no living daemon follows them: what did not end is ended as far as it was known, and
 * samples of survival that were not taken are unknown, not invented.
 * @returns how many were open.
 */
export function settleUnfinished(ground: Ground, nowMs: number): number {
  const beforeMs = nowMs - settledAfterMs;
  return ground.db.transaction(() => {
    const open = ground.outcomes.endUnfinished(beforeMs, nowMs, 'restart');
    ground.survivals.fillMissing(beforeMs, 'restart');
    return open;
  });
}
