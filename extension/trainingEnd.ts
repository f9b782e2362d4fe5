/** How a training that a person began has ended, in a sentence. Pure. */

import type { AdapterVersion, RepositoryLearning, VersionsResult } from '../protocol/learning.ts';

export interface TrainingEnd {
  readonly sentence: string;
  /** Whether it is worth a notification: the gate refused, or nothing was trained. */
  readonly needsPerson: boolean;
}

export function howItEnded(
  before: VersionsResult,
  after: VersionsResult,
  learning: RepositoryLearning | undefined,
): TrainingEnd {
  const known = new Set(before.versions.map(({ digest }) => digest));
  const trained = after.versions.find(({ digest }) => !known.has(digest));
  if (trained === undefined) {
    return { sentence: learning?.detail ?? 'No new version was trained.', needsPerson: true };
  }
  const name = `Version ${trained.digest.slice(0, 10)}`;
  switch (trained.verdict) {
    case 'refuse':
      return {
        sentence: `The gate refused ${name.toLowerCase()}. ${whyRefused(trained)}`.trim(),
        needsPerson: true,
      };
    case 'pass':
      return { sentence: `${name} has passed the gate; ${howUsed(trained)}.`, needsPerson: false };
    default:
      return { sentence: `${name} was trained and is not judged yet.`, needsPerson: false };
  }
}

const whyRefused = ({ notices }: AdapterVersion): string => notices[0] ?? 'The dashboard has its reasons.';

function howUsed({ aliases }: AdapterVersion): string {
  if (aliases.includes('champion')) return 'it serves now';
  return aliases.includes('canary') ? 'it is on trial' : 'it waits';
}
