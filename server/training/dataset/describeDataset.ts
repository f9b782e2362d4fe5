/** Writes a dataset's manifest. Pure. */

import type { Repository } from '../../git/repository.ts';
import { scrubberVersion } from '../../secrets/scrubberVersion.ts';
import type { DatasetManifest } from './dataset.ts';
import type { Example } from './example.ts';
import type { HistorySplit } from './splitHistory.ts';
import type { EvaluationItem, TrainingItem } from './trainingItem.ts';
import { createTally } from './tally.ts';

export interface DescribeDatasetProps extends Pick<
  DatasetManifest,
  'asOf' | 'seed' | 'settings' | 'baseModel' | 'dropped'
> {
  readonly repository: Pick<Repository, 'name' | 'repoId'>;
  readonly split: HistorySplit;
  readonly examples: readonly Example[];
  readonly items: readonly TrainingItem[];
  readonly evaluation: readonly EvaluationItem[];
  readonly nLinesSeen: number;
  readonly nSecrets: number;
}

export function describeDataset(props: DescribeDatasetProps): DatasetManifest {
  const { repository, asOf, seed, settings, baseModel, dropped, split, items, evaluation } = props;
  const counts = createTally();
  for (const { source, kind } of props.examples) counts.add(`${source} ${kind}`);
  const tokensOf = (kind: TrainingItem['kind']) =>
    items.filter((item) => item.kind === kind).reduce((sum, item) => sum + item.tokens.length, 0);
  const count = (by: 'time' | 'file') => evaluation.filter((each) => each.case.heldOutBy === by).length;
  return {
    version: 1,
    repository: { name: repository.name, repoId: repository.repoId },
    asOf,
    seed,
    settings,
    baseModel,
    split: describeSplit(split, settings),
    counts: counts.counts(),
    dropped,
    nSecretsScrubbed: props.nSecrets,
    scrubberVersion,
    tokens: { window: tokensOf('window'), fillIn: tokensOf('fillIn'), middle: middleTokens(items) },
    evaluation: { nByTime: count('time'), nByFile: count('file'), nLinesSeen: props.nLinesSeen },
  };
}

function describeSplit(split: HistorySplit, settings: DatasetManifest['settings']): DatasetManifest['split'] {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return {
    rule:
      `The newest commits are held out, as many as give ${settings.nEvaluationCases} cases and at most ` +
      `${percent(settings.heldOutCommitShare)}; of all files, ${percent(settings.heldOutFileShare)} are held out ` +
      'by the digest of seed and path.',
    trainingHead: split.trainingHead ?? '',
    heldOutSince: split.splitTimeMs === undefined ? undefined : new Date(split.splitTimeMs).toISOString(),
    nTrainingCommits: split.training.length,
    nHeldOutCommits: split.heldOut.length,
    oldestTrainingCommit: split.training.at(-1)?.commit.id,
  };
}

/** In a fill-in case, the tokens that weigh as much as its last one: the middle and its end stand last. */
function middleTokens(items: readonly TrainingItem[]): number {
  return items
    .filter((item) => item.kind === 'fillIn')
    .reduce(
      (sum, { lossWeights }) => sum + lossWeights.filter((each) => each === lossWeights.at(-1)).length,
      0,
    );
}
