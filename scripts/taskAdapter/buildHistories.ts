/**
 * Builds one dataset out of several packages' versions: what each added to the one before, drawn as a repository's own
 * dataset is, with the snippets of that moment in the prompts. Same list, same seed, same result.
 */

import { join } from 'node:path';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { openRepository } from '../../server/git/repository.ts';
import { buildDataset, refusalError } from '../../server/training/dataset/buildDataset.ts';
import { textsOf } from '../../server/training/dataset/checkDataset.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import { indexLeaks } from '../../server/training/dataset/findLeaks.ts';
import { createFreshRetriever } from '../../server/training/dataset/freshRetriever.ts';
import { createTally } from '../../server/training/dataset/tally.ts';
import { tokenizeDataset } from '../../server/training/dataset/tokenizeDataset.ts';
import type { Corpus, CorpusProps } from './buildCorpus.ts';
import { describeCorpus } from './describeCorpus.ts';
import { makeHistory } from './makeHistory.ts';
import type { PackageHistory } from './packageList.ts';

export interface UnpackedHistory {
  readonly history: PackageHistory;
  /** One for each version, in their order. */
  readonly folders: readonly string[];
}

/** `settings` has the amounts of each package; `workFolder` gets the repositories and their retrieval indexes. */
export interface HistoriesProps extends Omit<CorpusProps, 'packages' | 'nReplay'> {
  readonly histories: readonly UnpackedHistory[];
  readonly heldOut: Corpus['heldOut'];
}

/** One package is one of many here, so what would be too little for an adapter of its own is not. */
const limits = {
  ...{ minTrainingCommits: 1, minHeldOutCommits: 0, minFillIns: 1, minTokens: 1, minEvaluationCases: 0 },
  ...{ maxFileShare: 1, maxCommitShare: 1 },
};

/** @throws IdiomError `wrongUse` when a history has nothing to learn from. */
export async function buildHistories(props: HistoriesProps): Promise<Dataset> {
  const { settings } = props;
  const dropped = createTally();
  const datasets: Dataset[] = [];
  for (const each of props.histories) {
    const dataset = await datasetOf(props, each);
    datasets.push(dataset);
    for (const [why, count] of Object.entries(dataset.manifest.dropped)) dropped.add(why, count);
    props.onProgress(`${each.history.name}: ${dataset.items.length} examples`);
  }
  const examples = datasets.flatMap((each) => each.examples);
  const items = datasets.flatMap((each) => each.items);
  const leaks = indexLeaks(examples.flatMap(textsOf));
  const heldOut = props.heldOut.filter((each) => !leaks.has(each.case));
  dropped.add('evaluation case: stands in training text', props.heldOut.length - heldOut.length);
  const nLinesSeen = heldOut.filter((each) => leaks.hasLine(each.case)).length;
  const { evaluation } = await tokenizeDataset(
    { ...props, settings, signal: neverAborts, onProgress: () => undefined },
    { examples: [], heldOut, nLinesSeen },
  );
  const archives = props.histories.flatMap(({ history: { name, versions } }) =>
    versions.map(({ version, sha256 }) => `${name} ${version} ${sha256}`),
  );
  const counted = { examples, items, evaluation, nLinesSeen, dropped: dropped.counts() };
  return { examples, items, evaluation, manifest: describeCorpus({ ...props, ...counted, archives }) };
}

async function datasetOf(props: HistoriesProps, { history, folders }: UnpackedHistory): Promise<Dataset> {
  const { tokenizer, bound, info, settings, seed, workFolder } = props;
  const folder = join(workFolder, 'histories', history.kind, history.name.replace(/[^\w.@-]/g, '_'));
  makeHistory(folders, folder);
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error(`${folder} is no repository.`);
  const retriever = createFreshRetriever({
    ...{ repository, cacheFolder: workFolder, settingGlobs: [], logger: silentLogger },
    nowMs: () => Date.now(),
  });
  const { digest, name, architecture } = info;
  const baseModel = { digest, name, architecture };
  try {
    const built = await buildDataset(
      { repository, retriever, tokenizer, bound, baseModel, replay: [], settingGlobs: [] },
      { settings, limits, seed, signal: neverAborts, onProgress: () => undefined },
    );
    if (built.kind === 'refused') throw refusalError(built);
    return built.dataset;
  } finally {
    retriever.dispose();
  }
}
