/** What the status bar's tooltip and menu say of learning, and what only a person can settle. Pure. */

import type { RepositoryLearning } from '../protocol/learning.ts';
import { isComputing, progressDetail, progressTitle } from '../protocol/progressText.ts';
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

/** One or two sentences for the tooltip. */
export function loopSentences(learning: RepositoryLearning): string[] {
  const title = progressTitle(learning);
  const progress = title === undefined ? [] : [`${title}.`, ended(progressDetail(learning))];
  const sentences = [`Learning: ${learning.detail}`, ...progress, learning.servingNotice ?? ''];
  return sentences.filter((sentence) => sentence !== '');
}

const ended = (sentence: string): string => (sentence === '' ? '' : `${sentence}.`);

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
        const sentence = `A new version for ${name} passed its evaluation. Use it?`;
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
