/** Whether now is a good time for a training, as a sentence on why not. Pure. */

import type { TrainingCause } from './loopState.ts';
import type { PowerSource } from './power.ts';

export interface PolicyFacts {
  /** A sentence on why no training can run at all, for example that no base model is loaded. */
  readonly unable: string | undefined;
  /** Name of another repository that is being trained on this machine, or "another program's". */
  readonly busyWith: string | undefined;
  readonly power: PowerSource;
  readonly isBatteryAllowed: boolean;
  /** Since the last keystroke in any editor. */
  readonly idleMs: number;
  readonly minIdleMs: number;
}

/** A person's command waits for what is impossible only; all else for mains power and for the editor to be left alone too. */
export function findHindrance(facts: PolicyFacts, cause: TrainingCause): string | undefined {
  if (facts.unable !== undefined) return facts.unable;
  if (facts.busyWith !== undefined) return `Starts when the training of ${facts.busyWith} has ended.`;
  if (cause === 'command') return undefined;
  if (!mayCompute(facts)) return 'Starts when the computer is plugged in.';
  if (facts.idleMs >= facts.minIdleMs) return undefined;
  const nMinutes = Math.max(1, Math.round(facts.minIdleMs / 60_000));
  return `Starts when you have been away for ${nMinutes} ${nMinutes === 1 ? 'minute' : 'minutes'}.`;
}

/** Whether the power that there is may be used. */
export function mayCompute(facts: Pick<PolicyFacts, 'power' | 'isBatteryAllowed'>): boolean {
  return facts.power === 'mains' || facts.isBatteryAllowed;
}
