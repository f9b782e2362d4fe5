/** How large a dataset is worth building for a training of a given length. Pure. */

import type { DatasetSettings } from '../training/dataset/datasetSettings.ts';

/** For which `defaultDatasetSettings` are meant: two cores read each of their examples about once. */
const defaultBudgetMs = 15 * 60_000;
const minShare = 0.15;
const maxShare = 4;

/**
 * As many examples as the budget reads once, in the same mix; what a repository does not have cannot be drawn. Held-out
 * cases stay as they are, so that reports of trainings of different lengths can be compared.
 */
export function datasetSizeFor(settings: DatasetSettings, budgetMs: number): DatasetSettings {
  const share = Math.min(maxShare, Math.max(minShare, budgetMs / defaultBudgetMs));
  return {
    ...settings,
    nFillIns: Math.round(settings.nFillIns * share),
    windowTokens: Math.round(settings.windowTokens * share),
  };
}
