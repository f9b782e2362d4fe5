/** When a training is due by itself: enough new examples, time and some of them, or drift. Pure; policy.ts says whether now is a good time. */

import type { TrainingCause } from './loopState.ts';

export interface TriggerFacts {
  readonly isAutomatic: boolean;
  readonly nowMs: number;
  /** When the last training ended, however it ended. */
  readonly lastEndedAtMs: number | undefined;
  readonly nNewExamples: number;
  readonly minNewExamples: number;
  readonly minIntervalMs: number;
  /** Suggestions fit less well than they did. */
  readonly hasDrifted: boolean;
}

/** Without a trigger by volume, a training is due after this long ... */
export const scheduleMs = 7 * 24 * 3_600_000;
/** ... if there is at least this share of the examples that a trigger by volume needs. */
export const scheduleShare = 0.25;

/** Undefined: none is due. After a training, none is due before the minimum interval has passed. */
export function findTrigger(facts: TriggerFacts): Exclude<TrainingCause, 'command' | 'forget'> | undefined {
  const { nNewExamples, minNewExamples, lastEndedAtMs } = facts;
  if (!facts.isAutomatic || nNewExamples === 0) return undefined;
  const sinceMs = lastEndedAtMs === undefined ? Infinity : elapsedMs(lastEndedAtMs, facts.nowMs);
  if (sinceMs < facts.minIntervalMs) return undefined;
  if (nNewExamples >= minNewExamples) return 'volume';
  if (facts.hasDrifted) return 'drift';
  const isTime = sinceMs >= scheduleMs && lastEndedAtMs !== undefined;
  return isTime && nNewExamples >= scheduleShare * minNewExamples ? 'schedule' : undefined;
}

/** Time since, by a clock that may have been set back meanwhile: then as long as one likes, so that nothing waits for years. */
function elapsedMs(sinceMs: number, nowMs: number): number {
  return nowMs >= sinceMs ? nowMs - sinceMs : Infinity;
}
