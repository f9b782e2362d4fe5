/** Cases for measuring retrieval on one repository: newest added lines, and the state before the oldest of their commits. */

import { historyCases } from '../../server/evaluation/historyCases.ts';
import { seededRandom } from '../../server/base/random.ts';
import type { EvaluationCase } from '../../server/evaluation/evaluationCase.ts';
import type { Repository } from '../../server/git/repository.ts';
import { openIgnoreRules } from '../../server/retrieval/ignoreRules.ts';
import { grammarOf } from '../../server/retrieval/languages.ts';

export interface RetrievalCase extends EvaluationCase {
  /** Files that the commits just before this one touched, newest first: what a developer had open. */
  readonly recentPaths: readonly string[];
}

export interface CaseSet {
  /** Everything is retrieved from the tree of this commit, which is older than every case. */
  readonly split: string;
  readonly cases: readonly RetrievalCase[];
}

const maxCommits = 400;
const nRecentCommits = 5;

export async function loadCases(repository: Repository, maxCases: number, seed: number): Promise<CaseSet> {
  const rules = await openIgnoreRules({ root: repository.root, settingGlobs: [] });
  const signal = new AbortController().signal;
  const cases = await historyCases(repository, {
    maxCases,
    maxCommits,
    maxPerCommit: 6,
    maxPerFile: 3,
    random: seededRandom(seed),
    signal,
    isLeftOut: (path) => rules.explain(path).isIgnored || grammarOf(path) === undefined,
  });
  const commits = await repository.commits({ max: maxCommits + nRecentCommits + 1 });
  const positions = new Map(commits.map((commit, i) => [commit.id, i]));
  const oldest = Math.max(...cases.map((each) => positions.get(each.commit) ?? 0));
  const split = commits[oldest + 1]?.id;
  if (cases.length === 0 || split === undefined) throw new Error('Its history has too few added lines.');
  const touched = new Map<string, readonly string[]>();
  const result: RetrievalCase[] = [];
  for (const each of cases) {
    const recentPaths = new Set<string>();
    const at = positions.get(each.commit) ?? 0;
    for (const commit of commits.slice(at + 1, at + 1 + nRecentCommits)) {
      if (!touched.has(commit.id))
        touched.set(
          commit.id,
          (await repository.changeOf(commit)).files.map((file) => file.path),
        );
      for (const path of touched.get(commit.id) ?? []) if (path !== each.path) recentPaths.add(path);
    }
    result.push({ ...each, recentPaths: [...recentPaths].slice(0, 20) });
  }
  return { split, cases: result };
}
