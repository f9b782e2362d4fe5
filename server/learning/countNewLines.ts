/** How many lines worth learning the commits since the last training added; remembers what it has counted. */

import type { Repository } from '../git/repository.ts';

/** More commits are never looked at; a rewritten history counts as new that far. */
const maxCommits = 100;
/** An import or a reformat says little, however long it is. */
const maxLinesPerCommit = 300;
const maxDiffBytes = 4 * 2 ** 20;
/** Closers and blanks say nothing. */
const minChars = 8;

export type CountNewLines = (learnedAsOf: string | undefined, head: string) => Promise<number>;

export function createLineCounter(repository: Repository): CountNewLines {
  const counted = new Map<string, number>();
  async function countCommit(id: string): Promise<number> {
    const known = counted.get(id);
    if (known !== undefined) return known;
    // A diff that is too large is an import.
    const files = await repository.addedLines(id, undefined, maxDiffBytes).catch(() => []);
    let nLines = 0;
    for (const file of files)
      for (const { lines } of file.blocks)
        nLines += lines.filter((line) => line.trim().length >= minChars).length;
    const result = Math.min(maxLinesPerCommit, nLines);
    counted.set(id, result);
    return result;
  }
  return async (learnedAsOf, head) => {
    if (learnedAsOf === head) return 0;
    const commits = await repository.commits({ from: head, max: maxCommits });
    const end = commits.findIndex((commit) => commit.id === learnedAsOf);
    const news = (end < 0 ? commits : commits.slice(0, end)).filter((commit) => !commit.isMerge);
    let sum = 0;
    for (const { id } of news) sum += await countCommit(id);
    return sum;
  };
}
