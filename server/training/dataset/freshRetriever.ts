/** Retrieval over an index of its own: ranking counts every text that an index has ever read, so a shared one has a past. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { Repository } from '../../git/repository.ts';
import { OwnRetriever } from '../../retrieval/ownRetriever.ts';
import type { AsOfRetriever } from './promptParts.ts';

export interface FreshRetrieverProps {
  readonly repository: Repository;
  /** Gets a folder for the index, which goes when the retriever is disposed. */
  readonly cacheFolder: string;
  readonly settingGlobs: readonly string[];
  readonly logger: Logger;
  nowMs(): number;
}

/** The same repository, questions and order of questions give the same snippets. */
export function createFreshRetriever(props: FreshRetrieverProps): AsOfRetriever & Disposable {
  const { repository, settingGlobs, logger } = props;
  const folder = join(props.cacheFolder, `datasetIndex-${repository.repoId}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const retriever = new OwnRetriever({
    root: repository.root,
    repository,
    indexPath: join(folder, 'index.sqlite'),
    settingGlobs,
    logger,
    nowMs: () => props.nowMs(),
    onProgress: () => undefined,
  });
  return {
    seeCommit: (commit, signal) => retriever.seeCommit(commit, signal),
    lines: (path) => retriever.lines(path),
    retrieve: (query, signal) => retriever.retrieve(query, signal),
    dispose() {
      retriever.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
