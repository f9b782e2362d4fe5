/** Says in sentences why a repository has little to learn from. */

import { describeMissing } from '../../git/describeMissing.ts';
import type { Repository } from '../../git/repository.ts';
import { lackReasons } from './readHistory.ts';
import type { Tally } from './tally.ts';

/** @param nUsable commits that added lines which may be learned. */
export async function explainLack(
  repository: Repository,
  nUsable: number,
  dropped: Tally,
): Promise<string[]> {
  const counts = dropped.counts();
  const nAll = (await repository.commits({ max: maxCounted })).length;
  const sum = (pattern: RegExp) =>
    Object.entries(counts).reduce((total, [reason, count]) => total + (pattern.test(reason) ? count : 0), 0);
  const nGenerated = sum(/^file: (generated|minified|vendored)/);
  const nUnreadable = sum(/^file: (binary|huge|unreadable)/);
  const nTooLarge = sum(/^commit: diff/);
  const nMissing = counts[lackReasons.missing.file] ?? 0;
  const sentences = [
    `Of ${nAll === maxCounted ? 'the newest ' : ''}${nAll} ${nAll === 1 ? 'commit' : 'commits'}, ${nUsable} added lines that can be learned.`,
  ];
  if (await repository.isShallow()) {
    sentences.push('The clone is shallow, so older commits are not here; git fetch --unshallow gets them.');
  }
  const missing = await describeMissing(repository, counts[lackReasons.missing.commit] ?? 0);
  if (missing !== undefined) sentences.push(missing.problem, missing.remedy);
  if (nTooLarge > 0)
    sentences.push(`${nTooLarge} of them changed too much at once to show how people write.`);
  if (nGenerated > 0)
    sentences.push(`${nGenerated} changed files were left out as generated, minified or third-party code.`);
  if (nUnreadable > 0)
    sentences.push(`${nUnreadable} changed files were left out because they are no readable UTF-8 text.`);
  if (nMissing > 0)
    sentences.push(`${nMissing} files were left out because their contents are not on this machine.`);
  return sentences;
}

const maxCounted = 1000;
