/** Where a loop stands, as one line for a person. Pure. */

import type { LoopState, TrainingCause } from './loopState.ts';

export interface DescribeFacts {
  readonly nNewExamples: number;
  readonly nWanted: number;
  readonly isAutomatic: boolean;
  /** Why a training that is due does not begin, or holds. A sentence. */
  readonly hindrance: string | undefined;
}

const causes: Readonly<Record<TrainingCause, string>> = {
  volume: 'Ready to train',
  schedule: 'Ready to train',
  drift: 'Suggestions are kept less often than before; ready to train again',
  command: 'Training requested',
  forget: 'Recorded data was deleted; ready to train again',
};

export function describeLoop(state: LoopState, facts: DescribeFacts): string {
  const sentences = sentencesOf(state, facts).filter((sentence) => sentence !== undefined);
  return sentences.join(' ');
}

function sentencesOf(state: LoopState, facts: DescribeFacts): (string | undefined)[] {
  switch (state.kind) {
    case 'idle':
      return [state.notice ?? 'Nothing new to learn.'];
    case 'collecting':
      if (state.wish !== undefined) return [`${causes[state.wish]}.`, facts.hindrance];
      return [state.notice, describeCount(facts)];
    case 'building':
      return ['Preparing examples.', facts.hindrance];
    case 'training':
      return ['Training a new version.', facts.hindrance];
    case 'evaluating':
      return ['Comparing the new version with the one in use.', facts.hindrance];
    case 'canary':
      if (state.awaitsApproval !== undefined) return ['A new version passed its evaluation. Use it?'];
      return ['A new version is on trial.'];
    case 'paused':
      return ['Learning is paused.'];
    case 'failed':
      return [state.reason, state.remedy];
  }
}

function describeCount({ nNewExamples, nWanted, isAutomatic }: DescribeFacts): string {
  const counted = `${nNewExamples.toLocaleString('en')} new examples`;
  if (!isAutomatic) return `${counted}. Training starts when you ask for it.`;
  if (nNewExamples < nWanted) return `${counted}; training starts at ${nWanted.toLocaleString('en')}.`;
  return `${counted}. The next training starts some hours after the last one.`;
}
