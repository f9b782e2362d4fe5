/** Where a loop stands, as one line for a person. Pure. */

import type { LoopState, TrainingCause } from './loopState.ts';

export interface DescribeFacts {
  readonly nNewExamples: number;
  readonly nWanted: number;
  readonly isAutomatic: boolean;
  /** Why a training that is due does not begin, or holds. A sentence. */
  readonly hindrance: string | undefined;
  /** What the canary's figures say. A sentence. */
  readonly canaryWhy: string | undefined;
}

const causes: Readonly<Record<TrainingCause, string>> = {
  volume: 'There is enough to learn',
  schedule: 'It is time to learn again',
  drift: 'Suggestions fit less well than they did',
  command: 'A training was asked for',
  forget: 'Something was forgotten, so a training is due',
};

export function describeLoop(state: LoopState, facts: DescribeFacts): string {
  const sentences = sentencesOf(state, facts).filter((sentence) => sentence !== undefined);
  return sentences.join(' ');
}

function sentencesOf(state: LoopState, facts: DescribeFacts): (string | undefined)[] {
  switch (state.kind) {
    case 'idle':
      return [state.notice, 'There is nothing new to learn.'];
    case 'collecting':
      if (state.wish !== undefined) return [`${causes[state.wish]}.`, facts.hindrance];
      return [state.notice, describeCount(facts)];
    case 'building':
      return ['It gathers what there is to learn.', facts.hindrance];
    case 'training':
      return ['It trains a new version.', facts.hindrance];
    case 'evaluating':
      return [`The gate compares the new version with the one in use.`, facts.hindrance];
    case 'canary':
      if (state.awaitsApproval !== undefined)
        return ['A new version waits for your approval.', state.awaitsApproval];
      return ['A new version is on trial.', facts.canaryWhy];
    case 'paused':
      return ['Learning is paused.'];
    case 'failed':
      return [state.reason, state.remedy];
  }
}

function describeCount({ nNewExamples, nWanted, isAutomatic }: DescribeFacts): string {
  if (!isAutomatic) return `${nNewExamples} new examples; it trains when you ask for it.`;
  if (nNewExamples < nWanted) return `${nNewExamples} of ${nWanted} new examples.`;
  return `${nNewExamples} new examples; the last training was a short while ago.`;
}
