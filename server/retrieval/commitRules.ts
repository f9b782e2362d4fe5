/** The ignore rules of a commit: its own rule files, and what a developer wants to be left out now. */

import type { Repository, TreeFile } from '../git/repository.ts';
import { createIgnoreRules, openIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import type { ByteText } from './gitPattern.ts';
import { ruleText } from './ruleFiles.ts';

export interface CommitRulesOptions {
  readonly repository: Repository;
  readonly settingGlobs: readonly string[];
  /** All files of the commit. */
  readonly tree: readonly TreeFile[];
  /** Texts of rule files by blob id, added to; rule files stay the same from commit to commit. */
  readonly knownTexts?: Map<string, ByteText>;
}

/**
 * `.gitignore` counts as it was in the commit. An `.idiomignore` of the working tree and the exclude files outside of it,
 * which no commit has, count for all commits: they say what must not be read.
 */
export async function commitRules(
  { repository, settingGlobs, tree, knownTexts = new Map<string, ByteText>() }: CommitRulesOptions,
  signal: AbortSignal,
): Promise<IgnoreRules> {
  const ruleFiles = tree.filter((file) => /(^|\/)\.(git|idiom)ignore$/.test(file.path));
  const unknown = ruleFiles.map((file) => file.blobId).filter((blobId) => !knownTexts.has(blobId));
  for (const [i, blob] of (await repository.readBlobs(unknown, signal)).entries()) {
    knownTexts.set(unknown[i] ?? '', blob?.toString('latin1') ?? '');
  }
  const texts = new Map(ruleFiles.map((file) => [file.path, knownTexts.get(file.blobId) ?? '']));
  const paths = new Set(tree.map((file) => file.path));
  const now = await openIgnoreRules({ root: repository.root, settingGlobs });
  const committed = createIgnoreRules({
    settingGlobs,
    source: {
      read(path) {
        const text = texts.get(path);
        return text === undefined ? undefined : ruleText(path, text);
      },
      exists: (path) => paths.has(path),
      excludes: () => now.excludes(),
    },
  });
  return {
    ...committed,
    explain(path) {
      const verdict = committed.explain(path);
      const wish = verdict.isIgnored ? verdict : now.explain(path);
      return wish.reason === 'idiomignore' ? wish : verdict;
    },
  };
}
