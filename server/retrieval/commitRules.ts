/** The ignore rules of a commit: its own rule files count, not those on disk. */

import type { Repository, TreeFile } from '../git/repository.ts';
import { createIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';

export interface CommitRulesOptions {
  readonly repository: Repository;
  readonly settingGlobs: readonly string[];
  /** All files of the commit. */
  readonly tree: readonly TreeFile[];
}

export async function commitRules(
  { repository, settingGlobs, tree }: CommitRulesOptions,
  signal: AbortSignal,
): Promise<IgnoreRules> {
  const ruleFiles = tree.filter((file) => /(^|\/)\.(git|idiom)ignore$/.test(file.path));
  const blobs = await repository.readBlobs(
    ruleFiles.map((file) => file.blobId),
    signal,
  );
  const texts = new Map(ruleFiles.map((file, i) => [file.path, blobs[i]?.toString('utf8') ?? '']));
  const paths = new Set(tree.map((file) => file.path));
  return createIgnoreRules({
    root: repository.root,
    settingGlobs,
    readFile: (path) => texts.get(path) ?? (paths.has(path) ? '' : undefined),
  });
}
