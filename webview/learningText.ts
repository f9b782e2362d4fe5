/** What the loop is doing, in words and figures for the top of the page. Pure. */

import type { CanaryStanding, LearningProgress, RepositoryLearning } from '../protocol/learning.ts';
import { percent, readableDuration, readableCount, shortName, signed } from './readable.ts';

const stateNames = {
  idle: 'Idle',
  collecting: 'Collecting examples',
  building: 'Building the dataset',
  training: 'Training',
  evaluating: 'Evaluating',
  canary: 'Trying a candidate',
  paused: 'Paused',
  failed: 'Failed',
} as const satisfies Record<RepositoryLearning['state'], string>;

export const stateName = (state: RepositoryLearning['state']): string => stateNames[state];

/** States in which something computes, and can be cancelled. */
export const isBusy = (state: RepositoryLearning['state']): boolean =>
  state === 'building' || state === 'training' || state === 'evaluating';

/** "42 %, step 84 of 200, 250 tokens/s, about 3 min left" */
export function progressText(progress: LearningProgress): string {
  const { share, step, nSteps, tokensPerSecond, secondsLeft } = progress;
  const parts = [percent(share)];
  if (step !== undefined && nSteps !== undefined)
    parts.push(`step ${readableCount(step)} of ${readableCount(nSteps)}`);
  if (tokensPerSecond !== undefined) parts.push(`${readableCount(Math.round(tokensPerSecond))} tokens/s`);
  if (secondsLeft !== undefined) parts.push(`about ${readableDuration(secondsLeft * 1000)} left`);
  return parts.join(', ');
}

export function servingText({ serving }: RepositoryLearning): string {
  if (serving === 'base') return 'The base model serves, without an adapter.';
  if (serving === 'task') return 'The task adapter serves; nothing of this repository has been promoted yet.';
  return `Version ${shortName(serving)} serves.`;
}

/** Where the confidence sequence stands between its two thresholds. */
export function canaryText(canary: CanaryStanding): string {
  const share = Math.round(canary.share * 100);
  return (
    `Candidate ${shortName(canary.digest)} serves on ${share} % of days. On ${readableCount(canary.nScored)} lines that were ` +
    `really typed its gain is ${signed(canary.meanGain)} nats per token (${signed(canary.low)} to ${signed(canary.high)}). ` +
    `It is promoted when the lower end passes ${signed(canary.promoteAbove)}, and rolled back when the upper end falls below ${signed(canary.rollBackBelow)}.`
  );
}
