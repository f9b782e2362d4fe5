/** How a training that a person began has ended, in a sentence. Pure. */

import { versionName, whyNotUsed } from '../protocol/versionName.ts';
import type { AdapterVersion, RepositoryLearning, VersionsResult } from '../protocol/learning.ts';

export interface TrainingEnd {
  readonly sentence: string;
  /** `done`: a word in the status bar will do. `told`: the person waits for it, and it may not be what was hoped for. */
  readonly kind: 'done' | 'told' | 'canceled';
}

export function howItEnded(
  before: VersionsResult,
  after: VersionsResult,
  learning: RepositoryLearning | undefined,
): TrainingEnd {
  const known = new Set(before.versions.map(({ digest }) => digest));
  const trained = after.versions.find(({ digest }) => !known.has(digest));
  if (trained === undefined) {
    if (learning?.wasCanceled === true) return { sentence: 'Training canceled.', kind: 'canceled' };
    return { sentence: learning?.detail ?? 'No new version was trained.', kind: 'told' };
  }
  const name = versionName(after.versions, trained.digest);
  switch (trained.verdict) {
    case 'refuse': {
      const { champion } = after.aliases;
      const other = champion === undefined ? 'the built-in adapter' : versionName(after.versions, champion);
      return { sentence: `${name} ${whyNotUsed(trained, other)} and is not used.`, kind: 'told' };
    }
    case 'pass':
      return { sentence: `${name} passed its evaluation${howUsed(trained)}.`, kind: 'done' };
    default:
      return { sentence: `${name} was trained and is not evaluated yet.`, kind: 'done' };
  }
}

function howUsed({ aliases }: AdapterVersion): string {
  if (aliases.includes('champion')) return ' and is in use';
  return aliases.includes('canary') ? ' and is on trial' : '';
}
