/** The settings of the loop, from what a user has set. Pure. */

import type { Settings } from '../../protocol/settings.ts';
import type { LoopSettings } from '../learning/loopSettings.ts';

export function toLoopSettings(settings: Settings): LoopSettings {
  return {
    isAutomatic: settings['learning.automatic'],
    approval: settings['learning.approval'] === 'ask' ? 'ask' : 'auto',
    minNewExamples: settings['learning.minNewExamples'],
    minIntervalMs: settings['learning.minIntervalHours'] * 3_600_000,
    minIdleMs: settings['learning.idleMinutes'] * 60_000,
    isBatteryAllowed: settings['learning.onBattery'],
    budgetMs: settings['learning.budgetMinutes'] * 60_000,
    canaryShare: settings['learning.canaryShare'] / 100,
    canaryDays: settings['learning.canaryDays'],
  };
}
