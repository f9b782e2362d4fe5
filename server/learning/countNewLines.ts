/** How many lines worth learning the commits since the last training added; remembers what it has counted. */

import type { Commit, Repository } from '../git/repository.ts';

/** More commits are never looked at; a rewritten history counts as new that far. */
const maxCommits = 100;
/** An import or a reformat says little, however long it is. */
const maxLinesPerCommit = 300;
const maxChars = 4 * 2 ** 20;
/** Closers and blanks say nothing. */
const minChars = 8;

export type CountNewLines = (learnedAsOf: string | undefined, head: string) => Promise<number>;

export function createLineCounter(repository: Repository): CountNewLines {
  const counted = new Map<string, number>();
  async function countCommit(commit: Commit): Promise<number> {
    const known = counted.get(commit.id);
    if (known !== undefined) return known;
    // A diff that is too large is an import, and what is not on this machine can't be learned.
    const { files } = await repository.changeOf(commit, { maxChars }).catch(() => ({ files: [] }));
    let nLines = 0;
    for (const file of files)
      for (const { lines } of file.blocks)
        nLines += lines.filter((line) => line.trim().length >= minChars).length;
    const result = Math.min(maxLinesPerCommit, nLines);
    counted.set(commit.id, result);
    return result;
  }
  return async (learnedAsOf, head) => {
    if (learnedAsOf === head) return 0;
    const commits = await repository.commits({ from: head, max: maxCommits });
    const end = commits.findIndex((commit) => commit.id === learnedAsOf);
    const news = end < 0 ? commits : commits.slice(0, end);
    let sum = 0;
    for (const commit of news) sum += await countCommit(commit);
    return sum;
  };
}
