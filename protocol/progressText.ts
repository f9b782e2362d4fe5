/** The words for a training under way, the same in the status bar and on the dashboard. Pure. */

import type { LearningProgress, RepositoryLearning } from './learning.ts';

type Told = Pick<RepositoryLearning, 'state' | 'progress'>;

/** States in which something computes, and can be canceled. */
export function isComputing({ state }: Pick<RepositoryLearning, 'state'>): boolean {
  return state === 'building' || state === 'training' || state === 'evaluating';
}

/** "Training 12 %, 9 min left"; undefined where nothing is computed. */
export function progressTitle({ state, progress }: Told): string | undefined {
  const phase = phases[state as keyof typeof phases] as string | undefined;
  if (phase === undefined) return undefined;
  const share = progress === undefined ? '' : ` ${Math.floor(progress.share * 100)} %`;
  const left = progress?.secondsLeft === undefined ? '' : `, ${timeLeft(progress.secondsLeft)}`;
  return `${phase}${share}${left}`;
}

const phases = {
  building: 'Preparing training',
  training: 'Training',
  evaluating: 'Evaluating',
} as const;

/** What is done just now, and why it is slow: "Step 12 of 240; slow: other programs use the processor". Empty: nothing to say. */
export function progressDetail({ state, progress }: Told): string {
  if (progress === undefined) return '';
  const { step, nSteps, stage, isSlow } = progress;
  const hasSteps = stage === 'training' && step !== undefined && nSteps !== undefined;
  const doing = hasSteps
    ? `Step ${step.toLocaleString('en')} of ${nSteps.toLocaleString('en')}`
    : stage === undefined || state === 'evaluating'
      ? ''
      : stages[stage];
  const slow = isSlow === true ? 'slow: other programs use the processor' : '';
  return capitalized([doing, slow].filter((part) => part !== '').join('; '));
}

const stages: Readonly<Record<NonNullable<LearningProgress['stage']>, string>> = {
  history: 'Reading the git history',
  files: 'Reading files',
  prompts: 'Collecting context',
  tokens: 'Converting examples',
  loading: 'Loading the model and timing a first step',
  measuring: 'Measuring on lines that are not trained on',
  training: 'Training',
  saving: 'Saving the new version',
};

/** "9 min left", "2 h 5 min left", "less than a minute left" */
export function timeLeft(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return 'less than a minute left';
  if (minutes < 60) return `${minutes} min left`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
