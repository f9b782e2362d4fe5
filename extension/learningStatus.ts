/** What the status bar's tooltip and menu say of learning, and what only a person can settle. Pure. */

import { readableCount } from '../protocol/indexSentence.ts';
import type { RepositoryLearning } from '../protocol/learning.ts';
import type { StatusAction } from './statusText.ts';

/** The repository with the longest root that holds the path; roots and paths are absolute, of the daemon's machine. */
export function repositoryOf(
  repositories: readonly RepositoryLearning[],
  path: string,
): RepositoryLearning | undefined {
  return repositories
    .filter(({ root }) => isWithin(root, path))
    .sort((a, b) => b.root.length - a.root.length)[0];
}

export function isWithin(root: string, path: string): boolean {
  return (
    path === root ||
    path.startsWith(root.endsWith('/') || root.endsWith('\\') ? root : `${root}/`) ||
    path.startsWith(`${root}\\`)
  );
}

export function isComputing({ state }: RepositoryLearning): boolean {
  return state === 'building' || state === 'training' || state === 'evaluating';
}

/** One or two sentences for the tooltip. */
export function loopSentences(learning: RepositoryLearning): string[] {
  const { state, detail, progress, nNewExamples, nWanted, servingNotice } = learning;
  const share = progress === undefined ? '' : ` ${Math.floor(progress.share * 100)} %.`;
  const left = progress?.secondsLeft === undefined ? '' : ` ${timeLeft(progress.secondsLeft)}`;
  const sentences = [`Learning: ${detail}${share}${left}`];
  if (state === 'collecting' && nWanted > 0)
    sentences.push(`${readableCount(nNewExamples)} of ${readableCount(nWanted)} new examples.`);
  if (servingNotice !== undefined) sentences.push(servingNotice);
  return sentences;
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return `About ${Math.max(1, Math.round(seconds))} s left.`;
  return `About ${Math.round(seconds / 60)} min left.`;
}

/** The entries of the status menu that fit. */
export function loopActions(learning: RepositoryLearning | undefined): readonly StatusAction[] {
  if (learning === undefined) return ['showDashboard'];
  if (learning.state === 'paused') return ['showDashboard', 'resumeLearning'];
  return ['showDashboard', isComputing(learning) ? 'cancelTraining' : 'trainNow', 'pauseLearning'];
}

/** Something that goes on only with a person's word, or that a person must know. */
export interface LearningNotice {
  /** The same key is told once. */
  readonly key: string;
  readonly kind: 'approval' | 'serving';
  readonly sentence: string;
  readonly root: string;
  /** For `approval`. */
  readonly digest?: string;
}

export function noticesOf(repositories: readonly RepositoryLearning[]): LearningNotice[] {
  return repositories.flatMap(
    ({ repoId, name, root, awaitsApproval: digest, servingNotice, serving, canary }) => {
      const notices: LearningNotice[] = [];
      if (digest !== undefined) {
        const sentence = `A new version for ${name} has passed the gate and waits for your word.`;
        notices.push({ key: `${repoId} ${digest}`, kind: 'approval', sentence, root, digest });
      }
      // That a version on trial serves today is as it should be.
      if (servingNotice !== undefined && canary?.digest !== serving) {
        const sentence = `${name}: ${servingNotice}`;
        notices.push({ key: `${repoId} ${servingNotice}`, kind: 'serving', sentence, root });
      }
      return notices;
    },
  );
}
