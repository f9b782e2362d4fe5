/** All indexable texts of a commit in memory, for the baselines; Idiom's own index is not used here. */

import type { Repository } from '../../server/git/repository.ts';
import { explainContent, explainText } from '../../server/retrieval/contentRules.ts';
import { openIgnoreRules } from '../../server/retrieval/ignoreRules.ts';
import { linesOf } from '../../server/retrieval/readContent.ts';

export interface CorpusFile {
  readonly path: string;
  readonly lines: readonly string[];
}

export async function loadCorpus(repository: Repository, commit: string): Promise<CorpusFile[]> {
  const rules = await openIgnoreRules({ root: repository.root, settingGlobs: [] });
  const tree = (await repository.listTree(commit)).filter((file) => !rules.explain(file.path).isIgnored);
  const blobs = await repository.readBlobs(tree.map((file) => file.blobId));
  return tree.flatMap((file, i) => {
    const bytes = blobs[i];
    if (bytes === undefined || explainContent(bytes, bytes.length) !== undefined) return [];
    const text = bytes.toString('utf8');
    return explainText(text) === undefined ? [{ path: file.path, lines: linesOf(text) }] : [];
  });
}
