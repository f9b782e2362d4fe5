/** What `idiom train` prints for people; pure text. */

import type { Dataset } from '../training/dataset/dataset.ts';
import type { TrainingProgress, TrainingResult } from '../training/run/trainingJob.ts';
import type { Change } from './compareOnCases.ts';
import type { TrainingReport } from './train.ts';

const stageTexts = {
  loading: 'Preparing the training',
  measuring: 'Measuring on held-out lines',
  training: 'Training',
  saving: 'Saving the adapter',
} as const;

export function describeTrainingProgress(progress: TrainingProgress): string {
  const { stage, step, nSteps, loss, tokensPerSecond, secondsLeft } = progress;
  const parts = [
    stage === 'training' ? `${stageTexts[stage]}: step ${step} of ${nSteps}` : stageTexts[stage],
    loss === undefined ? undefined : `loss ${loss.toFixed(3)}`,
    tokensPerSecond === undefined ? undefined : `${Math.round(tokensPerSecond)} tokens/s`,
    secondsLeft === undefined ? undefined : describeTime(secondsLeft),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function describeTime(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`;
}

/** One line each: what was learned, and what it brought. */
export function describeTraining(report: TrainingReport): string[] {
  const { comparison } = report;
  return [
    ...describeTrained(report.manifest, report.training),
    ...describeChange('Negative log-likelihood, nats per token (less is better)', comparison.nll, 3),
    ...describeChange('Lines exactly as written, %', comparison.exactMatch, 1),
    ...describeChange('Edit similarity, %', comparison.editSimilarity, 1),
    verdictOf(comparison.nll),
    `Adapter ${report.adapter.slice(0, 12)} in ${report.folder}`,
  ];
}

/** What was read, and how long that took. */
export function describeTrained(
  { split, counts }: Dataset['manifest'],
  training: Pick<TrainingResult, 'nSteps' | 'nTokens' | 'durationMs'>,
): string[] {
  const texts = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  const { nSteps, nTokens, durationMs } = training;
  return [
    `Learned from ${split.nTrainingCommits} commits (${texts.join(', ')}); the newest ${split.nHeldOutCommits} were held out.`,
    `${nSteps} steps, ${nTokens} tokens in ${(durationMs / 60_000).toFixed(1)} min (${Math.round((1000 * nTokens) / durationMs)} tokens/s).`,
  ];
}

function describeChange(what: string, change: Change | undefined, digits: number): string[] {
  if (change === undefined) return [];
  const { mean, low, high } = change.change;
  const signed = (value: number) => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
  const numbers = `${change.before.toFixed(digits)} before, ${change.after.toFixed(digits)} after`;
  return [
    `${what}: ${numbers}; change ${signed(mean)}, 95 % interval ${signed(low)} to ${signed(high)} (${change.nCases} held-out lines).`,
  ];
}

function verdictOf(nll: Change | undefined): string {
  if (nll === undefined) return 'There were no held-out lines to measure it on.';
  if (nll.change.high < 0) return 'It predicts the held-out lines better than before.';
  return nll.change.low > 0
    ? 'It predicts the held-out lines worse than before.'
    : 'Whether it predicts better, so few lines cannot tell.';
}
