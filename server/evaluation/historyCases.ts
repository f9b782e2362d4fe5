/** Cases from history: lines that commits really added, asked for as an editor would have asked while they were typed. */

import type { Random } from '../base/random.ts';
import { casesOfFile } from '../cursors/casesOfFile.ts';
import { readTyped } from '../cursors/readTyped.ts';
import type { LackReason } from '../git/readChange.ts';
import type { Commit, Repository } from '../git/repository.ts';
import type { EvaluationCase } from './evaluationCase.ts';

export interface HistoryCaseOptions {
  readonly maxCases: number;
  /** Newest commit to look at; default HEAD. */
  readonly from?: string;
  readonly maxCommits: number;
  /** More than this many from one commit would make the figure about that commit. */
  readonly maxPerCommit: number;
  readonly maxPerFile: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Files that are never read, such as ignored or generated ones. */
  isLeftOut(path: string): boolean;
  /** Told of each commit that could not be read, in whole or in part. */
  onLack?(reason: LackReason): void;
}

/** Draws cases from the newest commits of the main line backwards, until there are enough; a merge is what it brought in. */
export async function historyCases(
  repository: Repository,
  options: HistoryCaseOptions,
): Promise<EvaluationCase[]> {
  const start = options.from === undefined ? {} : { from: options.from };
  const commits = await repository.commits({ ...start, max: options.maxCommits });
  const cases: EvaluationCase[] = [];
  for (const commit of commits) {
    options.signal.throwIfAborted();
    if (cases.length >= options.maxCases) break;
    cases.push(...(await casesOfCommit(repository, commit, options)));
  }
  return cases.slice(0, options.maxCases);
}

async function casesOfCommit(
  repository: Repository,
  commit: Commit,
  options: HistoryCaseOptions,
): Promise<EvaluationCase[]> {
  const { files, leftOut, lack } = await repository.changeOf(commit, { signal: options.signal });
  for (const reason of new Set([lack, ...leftOut.map((each) => each.reason)]))
    if (reason !== undefined) options.onLack?.(reason);
  const cases: EvaluationCase[] = [];
  for (const file of options.random.shuffle(files)) {
    if (cases.length >= options.maxPerCommit) break;
    if (options.isLeftOut(file.path)) continue;
    const content = await repository.fileAt(commit.id, file.path);
    const text = content === undefined ? undefined : readTyped(content);
    if (text === undefined) continue;
    const room = Math.min(options.maxPerFile, options.maxPerCommit - cases.length);
    cases.push(
      ...casesOfFile(
        { commit: commit.id, parent: commit.firstParent, path: file.path, text, blocks: file.blocks },
        room,
        options.random,
      ),
    );
  }
  return cases;
}
