/** What a user can set about the loop, as it uses it; main.ts maps the settings to it. */

export interface LoopSettings {
  readonly isAutomatic: boolean;
  readonly approval: 'auto' | 'ask';
  readonly minNewExamples: number;
  readonly minIntervalMs: number;
  readonly minIdleMs: number;
  readonly isBatteryAllowed: boolean;
  readonly budgetMs: number;
  /** Of all days, 0 to 1. */
  readonly canaryShare: number;
  readonly canaryDays: number;
}
