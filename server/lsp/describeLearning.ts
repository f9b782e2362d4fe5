/** A loop in the words of the protocol. Pure. */

import type { CanaryStanding, RepositoryLearning } from '../../protocol/learning.ts';
import type { CanaryRules } from '../learning/judgeCanary.ts';
import type { LoopView } from '../learning/loop.ts';
import type { Serving } from '../registry/serveAdapter.ts';

export interface LearnedRepository {
  readonly repoId: string;
  readonly name: string;
  /** Absolute path. */
  readonly root: string;
}

export interface LearningFacts {
  readonly serving: Pick<Serving, 'name' | 'notice'>;
  /** Digest of the canary where it serves today. */
  readonly canaryToday: string | undefined;
  readonly canaryShare: number;
  readonly rules: Pick<CanaryRules, 'promoteAbove' | 'rollBackBelow'>;
}

export function describeLearning(
  repository: LearnedRepository,
  view: LoopView,
  facts: LearningFacts,
): RepositoryLearning {
  const { state, detail, progress, nNewExamples, nWanted } = view;
  const isAwaiting = state.kind === 'canary' && state.awaitsApproval !== undefined;
  return {
    ...repository,
    state: state.kind,
    ...{ detail, nNewExamples, nWanted },
    ...(progress === undefined ? {} : { progress }),
    ...servingOf(facts),
    ...('wasCanceled' in state && state.wasCanceled === true ? { wasCanceled: true } : {}),
    ...(isAwaiting ? { awaitsApproval: state.candidate } : {}),
    ...(view.canary === undefined ? {} : { canary: standingOf(view.canary, facts) }),
  };
}

/** Where there is no loop: what is in the way, a sentence, or that it comes with the base model. */
export function describeNoLoop(
  repository: LearnedRepository,
  trouble: string | undefined,
): RepositoryLearning {
  return {
    ...repository,
    state: trouble === undefined ? 'idle' : 'failed',
    detail: trouble ?? 'Learning starts when the base model is loaded.',
    ...{ nNewExamples: 0, nWanted: 0, serving: 'base' },
  };
}

function servingOf({
  serving,
  canaryToday,
}: LearningFacts): Pick<RepositoryLearning, 'serving' | 'servingNotice'> {
  if (canaryToday !== undefined)
    return { serving: canaryToday, servingNotice: 'The version on trial is in use today.' };
  const { name, notice } = serving;
  return notice === undefined ? { serving: name } : { serving: name, servingNotice: notice };
}

function standingOf(
  { state, judgement }: NonNullable<LoopView['canary']>,
  { canaryShare, rules }: LearningFacts,
): CanaryStanding {
  const { promoteAbove, rollBackBelow } = rules;
  return {
    digest: state.candidate,
    sinceMs: state.sinceMs,
    share: canaryShare,
    ...judgement.standing,
    ...{ promoteAbove, rollBackBelow },
  };
}
