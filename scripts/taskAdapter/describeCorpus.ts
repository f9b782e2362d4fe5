/** Writes the manifest of a dataset that is made from many packages. Pure. */

import { digestOf } from '../../server/base/digest.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import type { BoundFormat } from '../../server/prompt/fimFormats.ts';
import type { DatasetManifest } from '../../server/training/dataset/dataset.ts';
import type { DatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import { describeDataset } from '../../server/training/dataset/describeDataset.ts';
import type { DescribeDatasetProps } from '../../server/training/dataset/describeDataset.ts';
import { languages } from './packageList.ts';

export interface CorpusFacts extends Pick<
  DescribeDatasetProps,
  'examples' | 'items' | 'evaluation' | 'nLinesSeen' | 'dropped'
> {
  readonly bound: BoundFormat;
  readonly info: Pick<BaseModelInfo, 'digest' | 'name' | 'architecture'>;
  readonly settings: DatasetSettings;
  readonly seed: number;
  /** `NAME VERSION SHA256` of each. */
  readonly archives: readonly string[];
}

export function describeCorpus({ bound, info, archives, ...facts }: CorpusFacts): DatasetManifest {
  const digest = digestOf(archives.join('\n'));
  const manifest = describeDataset({
    ...facts,
    repository: { name: 'taskAdapter', repoId: digest.slice(0, 16) },
    asOf: digest,
    baseModel: {
      digest: info.digest,
      name: info.name,
      architecture: info.architecture,
      fimFormat: bound.format.id,
      tokenizerDigest: '',
    },
    nSecrets: 0,
    split: { heldOut: [], training: [], heldOutFiles: [], trainingHead: digest, splitTimeMs: undefined },
  });
  const rule = `Whole packages are held out, one or two for each of ${languages.join(', ')}.`;
  return { ...manifest, split: { ...manifest.split, rule } };
}
