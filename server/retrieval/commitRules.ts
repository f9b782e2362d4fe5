/** The ignore rules of a commit: its own rule files count, not those on disk. */

import type { Repository, TreeFile } from '../git/repository.ts';
import { createIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';

export interface CommitRulesOptions {
  readonly repository: Repository;
  readonly settingGlobs: readonly string[];
  /** All files of the commit. */
  readonly tree: readonly TreeFile[];
  /** Texts of rule files by blob id, added to; rule files stay the same from commit to commit. */
  readonly knownTexts?: Map<string, string>;
}

export async function commitRules(
  { repository, settingGlobs, tree, knownTexts = new Map<string, string>() }: CommitRulesOptions,
  signal: AbortSignal,
): Promise<IgnoreRules> {
  const ruleFiles = tree.filter((file) => /(^|\/)\.(git|idiom)ignore$/.test(file.path));
  const unknown = ruleFiles.map((file) => file.blobId).filter((blobId) => !knownTexts.has(blobId));
  for (const [i, blob] of (await repository.readBlobs(unknown, signal)).entries()) {
    knownTexts.set(unknown[i] ?? '', blob?.toString('utf8') ?? '');
  }
  const texts = new Map(ruleFiles.map((file) => [file.path, knownTexts.get(file.blobId) ?? '']));
  const paths = new Set(tree.map((file) => file.path));
  return createIgnoreRules({
    root: repository.root,
    settingGlobs,
    readFile: (path) => texts.get(path) ?? (paths.has(path) ? '' : undefined),
  });
}
